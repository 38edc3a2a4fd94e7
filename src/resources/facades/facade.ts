import { promisify } from 'node:util';

export type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type AnyConstructor = new (...args: unknown[]) => object;

/** Does what a function does, and more. */
export type Call = (self: unknown, args: unknown[]) => unknown;

/**
 * A function that looks as `original` does: name, length and all that hangs on it.
 * @param promisified what `util.promisify` makes of it, where `original` says so itself
 */
export function functionFacade(original: AnyFunction, call: Call, promisified?: AnyFunction): AnyFunction {
  const facade: AnyFunction = Object.hasOwn(original, 'prototype')
    ? function (...args) {
        return call(this, args);
      }
    : methodOf(call);
  for (const key of Reflect.ownKeys(original)) {
    const property = Reflect.getOwnPropertyDescriptor(original, key) as PropertyDescriptor;
    const own = promisified && key === promisify.custom ? replaced(property, promisified) : property;
    Object.defineProperty(facade, key, own);
  }
  return Object.setPrototypeOf(facade, Object.getPrototypeOf(original) as object) as AnyFunction;
}

/**
 * A class whose instances, those of its subclasses included, are told of. All else is that of `original`: prototype,
 * static members, `instanceof`.
 */
export function classFacade(
  original: object,
  hooks: { readonly before: () => void; readonly made: (instance: object, args: readonly unknown[]) => void },
): object {
  const facade: object = new Proxy(original as AnyConstructor, {
    construct(target, args, newTarget) {
      hooks.before();
      const instance = Reflect.construct(target, args, newTarget === facade ? target : newTarget) as object;
      hooks.made(instance, args);
      return instance;
    },
    // Node's older classes may be called, by code that inherits from them without `class`.
    apply(target, self, args: unknown[]) {
      hooks.before();
      const result: unknown = Reflect.apply(target as unknown as AnyFunction, self, args);
      if (result instanceof target) hooks.made(result, args);
      else if (self instanceof target) hooks.made(self, args);
      return result;
    },
  });
  return facade;
}

/** Has no `prototype`, as arrow functions and methods have none. */
function methodOf(call: Call): AnyFunction {
  const holder = {
    method(this: unknown, ...args: unknown[]) {
      return call(this, args);
    },
  };
  return Reflect.get(holder, 'method');
}

/** The same property, with another value. */
export function replaced(property: PropertyDescriptor, value: unknown): PropertyDescriptor {
  return property.get ? { ...property, get: () => value } : { ...property, value };
}
