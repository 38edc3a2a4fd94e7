import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '../common/logging/logger.js';

/** What all code of a process shares, and relies on. */
const SHARED: ReadonlyMap<string, object> = new Map(
  [
    ...['Object', 'Function', 'Array', 'String', 'Number', 'Boolean', 'Symbol', 'BigInt', 'Date', 'RegExp', 'Error'],
    ...[
      'Map',
      'Set',
      'WeakMap',
      'WeakSet',
      'Promise',
      'ArrayBuffer',
      'Uint8Array',
      'DataView',
      'JSON',
      'Math',
      'Reflect',
    ],
  ].flatMap((name) => {
    const value = Reflect.get(globalThis, name) as object & { prototype?: object };
    const own = [name, value] as const;
    return value.prototype ? [own, [`${name}.prototype`, value.prototype] as const] : [own];
  }),
);

/** Changes are found within this many milliseconds. */
const LOOK_EVERY_MS = 500;

/** A built-in object as the host has found it. */
interface Known {
  readonly object: object;
  readonly keys: ReadonlySet<PropertyKey>;
  /** Of those functions and accessors that can be changed. */
  readonly descriptors: ReadonlyMap<PropertyKey, PropertyDescriptor>;
}

/**
 * Keeps the built-in objects as the host has found them: what code has put in the place of a function of theirs is taken
 * out again, and what it has added does not show up in loops any more. Additions stay, as polyfills are.
 */
@Injectable()
export class Intrinsics {
  readonly #known = new Map<string, Known>();

  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  /** @returns what ends the watch */
  watch(): () => void {
    for (const [name, object] of SHARED) this.#known.set(name, knownOf(object));
    const timer = setInterval(() => this.restore(), LOOK_EVERY_MS).unref();
    return () => clearInterval(timer);
  }

  /** Puts back what was changed since the last look. */
  restore(): void {
    const restored = [...this.#known].flatMap(([name, known]) => this.#restore(name, known));
    if (restored.length > 0) {
      this.logger.error({ restored }, 'Code of a module has changed what all code shares; it was put back');
    }
  }

  /** @returns the names of what was put back, such as `Array.prototype.map` */
  #restore(name: string, { object, keys, descriptors }: Known): string[] {
    const changed = [...descriptors].filter(
      ([key, descriptor]) => !isSame(Reflect.getOwnPropertyDescriptor(object, key), descriptor),
    );
    for (const [key, descriptor] of changed) Reflect.defineProperty(object, key, descriptor);
    const added = Object.keys(object).filter((key) => !keys.has(key));
    for (const key of added) Reflect.defineProperty(object, key, { enumerable: false });
    return [...changed.map(([key]) => key), ...added].map((key) => `${name}.${String(key)}`);
  }
}

function knownOf(object: object): Known {
  const keys = new Set(Reflect.ownKeys(object));
  const descriptors = new Map<PropertyKey, PropertyDescriptor>();
  for (const key of keys) {
    const descriptor = Reflect.getOwnPropertyDescriptor(object, key);
    // What cannot be changed, or is meant to be (`Error.stackTraceLimit`), is left alone.
    const isFunction = descriptor?.get !== undefined || typeof descriptor?.value === 'function';
    if (descriptor?.configurable && isFunction && key !== 'prepareStackTrace') descriptors.set(key, descriptor);
  }
  return { object, keys, descriptors };
}

const isSame = (one: PropertyDescriptor | undefined, other: PropertyDescriptor): boolean =>
  one !== undefined &&
  one.value === other.value &&
  one.get === other.get &&
  one.set === other.set &&
  one.enumerable === other.enumerable;
