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
    const [decorated, featured] = [sizes(decoratorLists()), sizes(featureLists())];
    const collect = () => new DeclaredEntities(added(decoratorLists(), decorated), added(featureLists(), featured));
    try {
      return { result: evaluate(), declared: collect() };
    } catch (error) {
      collect().forget();
      throw error;
    }
  }

  /** Entities and views, but for those that `forFeature()` was given for a data source with a name only. */
  get entities(): (EntityClass | EntitySchema)[] {
    const ours = new Set<unknown>(this.#targets('tables'));
    const featured = [...this.featured];
    for (const [name, list] of featured) if (!isDefaultDataSource(name)) for (const each of list) ours.delete(each);
    for (const [name, list] of featured) if (isDefaultDataSource(name)) for (const each of list) ours.add(each);
    return [...ours] as (EntityClass | EntitySchema)[];
  }

  /** Classes with `@EventSubscriber()`. */
  get subscribers(): EntityClass[] {
    return this.#targets('entitySubscribers');
  }

  /** Takes all of it out of TypeORM's lists, and what `forFeature()` was given of it later. */
  forget(): void {
    for (const [name, list] of decoratorLists()) remove(list, this.decorated.get(name));
    const classes = new Set<unknown>(this.#targets('tables'));
    for (const [name, list] of featureLists()) remove(list, new Set([...(this.featured.get(name) ?? []), ...classes]));
  }

  #targets(list: string): EntityClass[] {
    return [...(this.decorated.get(list) ?? [])].map((each) => (each as { target: EntityClass }).target);
  }
}

const sizes = (lists: Lists): ReadonlyMap<string, number> =>
  new Map([...lists].map(([name, list]) => [name, list.length]));

const added = (lists: Lists, before: ReadonlyMap<string, number>): Additions =>
  new Map([...lists].map(([name, list]) => [name, new Set(list.slice(before.get(name) ?? 0))]));

/** In place: TypeORM holds the arrays. */
function remove(list: unknown[], gone: ReadonlySet<unknown> = new Set()): void {
  if (gone.size === 0) return;
  let kept = 0;
  for (const each of list) if (!gone.has(each)) list[kept++] = each;
  list.length = kept;
}
