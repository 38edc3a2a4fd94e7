import { madeAt } from '../made-at.js';
import { type ResourceKind } from '../resource-kinds.js';
import { type AnyFunction, functionFacade } from './facade.js';
import { type FacadeMaker } from './making-facades.js';
import { Stop, stoppable } from './stop.js';

interface StoppingOptions {
  readonly kind: ResourceKind;
  /** Place of the options, which may have a `signal`, among the arguments. */
  readonly optionsAt: number;
}

/** For functions that promise one thing, such as `setTimeout` of `timers/promises`. */
export const promising =
  ({ kind, optionsAt }: StoppingOptions): FacadeMaker =>
  (original, { ledger }) =>
    functionFacade(original as AnyFunction, (self, args) => {
      const given = stoppable(args, optionsAt);
      if (!given) return Reflect.apply(original as AnyFunction, self, args);
      const stop = new Stop(kind, given.signal);
      const work = Reflect.apply(original as AnyFunction, self, given.with(stop.signal)) as Promise<unknown>;
      stop.begin(ledger);
      return stop.during(work);
    });

/** For functions that return an iterator, such as `setInterval` of `timers/promises`: it begins with its first step. */
export const iterating =
  ({ kind, optionsAt }: StoppingOptions): FacadeMaker =>
  (original, { ledger }) =>
    functionFacade(original as AnyFunction, (self, args) => {
      const given = stoppable(args, optionsAt);
      if (!given) return Reflect.apply(original as AnyFunction, self, args);
      const stop = new Stop(kind, given.signal, madeAt());
      const iterator = Reflect.apply(original as AnyFunction, self, given.with(stop.signal)) as AsyncGenerator;
      for (const name of ['next', 'return', 'throw'] as const) {
        const step = Reflect.get(iterator, name) as AnyFunction;
        const value = functionFacade(step, (_iterator, values) => {
          stop.begin(ledger);
          const work = Reflect.apply(step, iterator, values) as Promise<IteratorResult<unknown>>;
          return stop.during(work, ({ done }) => done === true);
        });
        Object.defineProperty(iterator, name, { value, configurable: true, writable: true });
      }
      return iterator;
    });

/** For the `scheduler` of `timers/promises`, whose `wait` has its options second. */
export const scheduling: FacadeMaker = (original, context) => {
  return Object.create(Object.getPrototypeOf(original) as object, {
    ...Object.getOwnPropertyDescriptors(original as object),
    wait: {
      value: promising({ kind: 'timers', optionsAt: 1 })(Reflect.get(original as object, 'wait'), context),
      configurable: true,
      writable: true,
    },
  });
};
