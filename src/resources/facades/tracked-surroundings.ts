import fsPromises from 'node:fs/promises';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { type Surroundings } from '../../kernel/index.js';
import { type Ledger } from '../ledger.js';
import { replaced } from './facade.js';
import { type FacadeContext, type FacadeMaker, type InnerModule } from './making-facades.js';
import { OwnScheduler, type StartInterval } from './rxjs-internals.js';
import { TRACKED_EXPORTS } from './tracked-exports.js';

const INNER: Readonly<Record<InnerModule, unknown>> = {
  'fs/promises': fsPromises,
  timers,
  'timers/promises': timersPromises,
};

/** Globals that are exports of `timers` as well. */
const TIMERS = ['setTimeout', 'setInterval', 'setImmediate'] as const;

/**
 * What one generation has of Node and of rxjs: modules that look and work as the real ones do, but that what the
 * generation makes with them is entered into its ledger. What it changes in such a module stays its own: its code would go
 * on in there once it is gone.
 */
export class TrackedSurroundings implements Surroundings, FacadeContext {
  readonly globals: Readonly<Record<string, unknown>>;
  readonly #modules = new Map<string, object>();
  /** One for each original, so that two names of the same remain the same. */
  readonly #facades = new Map<unknown, unknown>();
  #scheduler: OwnScheduler | undefined;

  constructor(
    readonly ledger: Ledger,
    globals: Readonly<Record<string, unknown>> = {},
  ) {
    const own = this.exportsOf('timers');
    this.globals = { ...globals, ...Object.fromEntries(TIMERS.map((name) => [name, Reflect.get(own, name)])) };
  }

  required(specifier: string, original: unknown): unknown {
    if (!Object.hasOwn(TRACKED_EXPORTS, specifier)) return original;
    const known = this.#modules.get(specifier);
    if (known) return known;
    const facade = this.#moduleFacade(original as object, TRACKED_EXPORTS[specifier] ?? {});
    this.#modules.set(specifier, facade);
    return facade;
  }

  get scheduler(): OwnScheduler {
    this.#scheduler ??= new OwnScheduler(this.globals['setInterval'] as StartInterval);
    return this.#scheduler;
  }

  exportsOf(name: InnerModule): object {
    return this.required(name, INNER[name]) as object;
  }

  exportOf(moduleName: InnerModule, exportName: string): unknown {
    return Reflect.get(this.exportsOf(moduleName), exportName);
  }

  #moduleFacade(original: object, tracked: Readonly<Record<string, FacadeMaker>>): object {
    const facade = Object.create(Object.getPrototypeOf(original) as object | null) as object;
    for (const key of Reflect.ownKeys(original)) {
      const property = Reflect.getOwnPropertyDescriptor(original, key) as PropertyDescriptor;
      const maker = Object.hasOwn(tracked, key) ? tracked[String(key)] : undefined;
      Object.defineProperty(
        facade,
        key,
        maker ? replaced(property, this.#facadeOf(Reflect.get(original, key), maker)) : shared(original, key, property),
      );
    }
    return facade;
  }

  #facadeOf(original: unknown, maker: FacadeMaker): unknown {
    const known = this.#facades.get(original);
    if (known !== undefined) return known;
    const facade = maker(original, this);
    this.#facades.set(original, facade);
    return facade;
  }
}

/** Values that can be changed, such as `tls.DEFAULT_MIN_VERSION`, are looked at by Node itself, in its own module. */
function shared(original: object, key: PropertyKey, property: PropertyDescriptor): PropertyDescriptor {
  if (property.get || !property.writable || typeof property.value === 'function') return property;
  return {
    enumerable: property.enumerable ?? true,
    configurable: true,
    get: () => Reflect.get(original, key) as unknown,
    set: (value) => void Reflect.set(original, key, value),
  };
}
