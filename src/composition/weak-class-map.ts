/**
 * A map by class that keeps no class alive. Keys that are no objects (names of validation schemas) are kept for good.
 * Has of `Map` what libraries use of one; iterating passes over classes that are gone.
 */
export class WeakClassMap<V> implements Iterable<[unknown, V]> {
  readonly #byClass = new WeakMap<object, V>();
  readonly #byName = new Map<unknown, V>();
  readonly #classes = new Set<WeakRef<object>>();
  readonly #refs = new WeakMap<object, WeakRef<object>>();
  readonly #gone = new FinalizationRegistry<WeakRef<object>>((ref) => this.#classes.delete(ref));
  #heir: object | undefined;

  static from<V>(map: Iterable<[unknown, V]>): WeakClassMap<V> {
    if (map instanceof WeakClassMap) return map as WeakClassMap<V>;
    const weak = new WeakClassMap<V>();
    for (const [key, value] of map) weak.set(key, value);
    return weak;
  }

  get size(): number {
    return this.#classes.size + this.#byName.size;
  }

  has(key: unknown): boolean {
    return isObject(key) ? this.#byClass.has(key) : this.#byName.has(key);
  }

  get(key: unknown): V | undefined {
    return isObject(key) ? this.#byClass.get(key) : this.#byName.get(key);
  }

  set(key: unknown, value: V): this {
    if (!isObject(key)) this.#byName.set(key, value);
    else {
      if (!this.#byClass.has(key)) this.#track(key);
      this.#byClass.set(key, value);
    }
    return this;
  }

  delete(key: unknown): boolean {
    if (!isObject(key)) return this.#byName.delete(key);
    const ref = this.#refs.get(key);
    if (ref) this.#classes.delete(ref);
    return this.#byClass.delete(key);
  }

  clear(): void {
    for (const [key] of [...this.entries()]) this.delete(key);
  }

  *entries(): Generator<[unknown, V], void, undefined> {
    if (this.#heir) return yield* this.#entriesOf(ancestorsOf(this.#heir));
    yield* this.#byName.entries();
    yield* this.#entriesOf([...this.#classes].map((ref) => ref.deref()));
  }

  [Symbol.iterator](): Generator<[unknown, V], void, undefined> {
    return this.entries();
  }

  *keys(): Generator<unknown, void, undefined> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): Generator<V, void, undefined> {
    for (const [, value] of this.entries()) yield value;
  }

  forEach(visit: (value: V, key: unknown, map: this) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }

  /** While `search` runs, iterating meets only the classes that one inherits from, the most distant first. */
  narrowedTo<T>(heir: object, search: () => T): T {
    const outer = this.#heir;
    this.#heir = heir;
    try {
      return search();
    } finally {
      this.#heir = outer;
    }
  }

  *#entriesOf(classes: Iterable<object | undefined>): Generator<[unknown, V], void, undefined> {
    for (const each of classes) {
      const value = each && this.#byClass.get(each);
      if (value !== undefined) yield [each, value];
    }
  }

  #track(key: object): void {
    const ref = new WeakRef(key);
    this.#classes.add(ref);
    this.#refs.set(key, ref);
    this.#gone.register(key, ref);
  }
}

function ancestorsOf(heir: object): object[] {
  const ancestors: object[] = [];
  const { prototype } = heir as { prototype?: object };
  for (let each = prototype && parentOf(prototype); each; each = parentOf(each)) ancestors.unshift(each.constructor);
  return ancestors;
}

const parentOf = (prototype: object) => Object.getPrototypeOf(prototype) as object | null;

function isObject(key: unknown): key is object {
  return (typeof key === 'object' && key !== null) || typeof key === 'function';
}
