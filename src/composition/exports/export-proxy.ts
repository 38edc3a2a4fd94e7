import { types } from 'node:util';
import { runInScope } from '../../common/module-scope.js';
import { START_HOOKS, STOP_HOOKS } from '../nest/lifecycle-hooks.js';
import { countedCall } from './counted-call.js';
import { type ServedExport } from './served-exports.js';

/** The way to what a module exports, made anew for each call: nothing of a generation is kept in between. */
export interface ExportLink {
  /** undefined while nothing serves it. */
  current(): ServedExport | undefined;
  /** Resolves with what serves it next; undefined where that is not about to happen. */
  next(): Promise<ServedExport> | undefined;
  /** What a call fails with while nothing serves it. */
  unavailable(): Error;
}

/** Nest calls hooks on whatever is injected by value: these are the provider's own, and its own module calls them. */
const NEVER_FORWARDED: ReadonlySet<string | symbol> = new Set([...START_HOOKS, ...STOP_HOOKS, 'then']);

type Method = (...args: unknown[]) => unknown;

/**
 * Stands in a dependent for what another module exports. Reads and calls go to the instance that serves at that
 * moment, so a method that was taken earlier runs the newest code as well. It cannot be written to.
 */
export function exportProxy(link: ExportLink): object {
  const first = link.current()?.instance;
  const calls = new ExportCalls(link);
  const read = (key: string | symbol): unknown => {
    if (NEVER_FORWARDED.has(key)) return undefined;
    if (key === 'constructor') return Object;
    return calls.read(key);
  };
  const handler: ProxyHandler<object> = {
    get: (_target, key) => read(key),
    has: (_target, key) => !NEVER_FORWARDED.has(key) && key in calls.required().instance,
    set: () => false,
    defineProperty: () => false,
    deleteProperty: () => false,
    ownKeys: () => Reflect.ownKeys(calls.required().instance),
    getOwnPropertyDescriptor: (_target, key) => {
      const found = Reflect.getOwnPropertyDescriptor(calls.required().instance, key);
      return found && { value: read(key), enumerable: found.enumerable ?? false, configurable: true, writable: false };
    },
    apply: (_target, receiver, args: unknown[]) =>
      calls.call((instance) => Reflect.apply(instance as Method, receiver, args)),
  };
  // An arrow function has no property that the proxy would have to show unchanged.
  return new Proxy(typeof first === 'function' ? () => undefined : {}, handler);
}

/** What is remembered of an export between calls: which of its methods are asynchronous, and so can wait for it. */
class ExportCalls {
  readonly #methods = new Map<string | symbol, Method>();
  readonly #asynchronous = new Set<string | symbol>();

  constructor(private readonly link: ExportLink) {
    const instance = link.current()?.instance;
    if (instance) this.#learn(instance);
  }

  required(): ServedExport {
    const served = this.link.current();
    if (!served) throw this.link.unavailable();
    return served;
  }

  read(key: string | symbol): unknown {
    const served = this.link.current();
    if (!served && this.#asynchronous.has(key)) return this.#method(key);
    const { instance } = served ?? this.required();
    const value: unknown = Reflect.get(instance, key);
    return typeof value === 'function' ? this.#method(key) : value;
  }

  call(run: (instance: object) => unknown): unknown {
    return invoke(this.required(), run);
  }

  #method(key: string | symbol): Method {
    const known = this.#methods.get(key);
    if (known) return known;
    const method: Method = (...args) => {
      const run = (instance: object) => Reflect.apply(Reflect.get(instance, key) as Method, instance, args);
      const served = this.link.current();
      if (!served && this.#asynchronous.has(key)) return this.#once(run);
      const result = invoke(served ?? this.required(), run);
      if (types.isPromise(result)) this.#asynchronous.add(key);
      return result;
    };
    this.#methods.set(key, method);
    return method;
  }

  /** As soon as it is served again. */
  async #once(run: (instance: object) => unknown): Promise<unknown> {
    const served = await this.link.next();
    if (!served) throw this.link.unavailable();
    return invoke(served, run);
  }

  #learn(instance: object): void {
    for (let level: object | null = instance; level && level !== Object.prototype;) {
      for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
        if (types.isAsyncFunction(value)) this.#asynchronous.add(key);
      }
      level = Object.getPrototypeOf(level) as object | null;
    }
  }
}

function invoke({ instance, generation }: ServedExport, run: (instance: object) => unknown): unknown {
  return countedCall(generation.inFlight, () => runInScope(generation.scope, run, instance));
}
