import { type EntitySchema } from 'typeorm';
import { decoratorLists, featureLists, isDefaultDataSource } from './typeorm-globals.js';

type Lists = ReadonlyMap<string, unknown[]>;
/** Elements that were added to a list, by its name. */
type Additions = ReadonlyMap<string, ReadonlySet<unknown>>;
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- as TypeORM has it
export type EntityClass = Function;

/** What some code has told TypeORM by its decorators and `forFeature()`, and what takes it out of TypeORM again. */
export class DeclaredEntities {
  private constructor(
    private readonly decorated: Additions,
    private readonly featured: Additions,
  ) {}

  /**
   * Runs code that declares entities. As it is synchronous, whatever the lists have more afterwards is its own.
   * Where it throws, it has declared nothing.
   */
  static during<T>(evaluate: () => T): { readonly result: T; readonly declared: DeclaredEntities } {
    const marks = [sizes(decoratorLists()), sizes(featureLists())] as const;
    const collect = () => new DeclaredEntities(added(decoratorLists(), marks[0]), added(featureLists(), marks[1]));
    try {
      return { result: evaluate(), declared: collect() };
    } catch (error) {
      collect().forget();
      throw error;
    }
  }

  /** Entities and views, but for those that `forFeature()` was given for a data source with a name. */
  get entities(): (EntityClass | EntitySchema)[] {
    const own = new Set<unknown>(
      [...(this.decorated.get('tables') ?? [])].map((table) => (table as { target: unknown }).target),
    );
    for (const [name, entities] of this.featured)
      if (!isDefaultDataSource(name)) entities.forEach((each) => own.delete(each));
    for (const [name, entities] of this.featured)
      if (isDefaultDataSource(name)) entities.forEach((each) => own.add(each));
    return [...own] as (EntityClass | EntitySchema)[];
  }

  /** Classes with `@EventSubscriber()`. */
  get subscribers(): EntityClass[] {
    return [...(this.decorated.get('entitySubscribers') ?? [])].map((each) => (each as { target: EntityClass }).target);
  }

  /** Takes all of it out of TypeORM's lists. */
  forget(): void {
    remove(decoratorLists(), this.decorated);
    remove(featureLists(), this.featured);
  }
}

const sizes = (lists: Lists): ReadonlyMap<string, number> =>
  new Map([...lists].map(([name, list]) => [name, list.length]));

function added(lists: Lists, before: ReadonlyMap<string, number>): Additions {
  return new Map([...lists].map(([name, list]) => [name, new Set(list.slice(before.get(name) ?? 0))]));
}

/** In place: TypeORM holds the arrays. */
function remove(lists: Lists, additions: Additions): void {
  for (const [name, gone] of additions) {
    const list = lists.get(name);
    if (!list || gone.size === 0) continue;
    let kept = 0;
    for (const each of list) if (!gone.has(each)) list[kept++] = each;
    list.length = kept;
  }
}
