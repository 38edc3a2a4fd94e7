import { type StatWatcher, unwatchFile } from 'node:fs';
import { promisify, types } from 'node:util';
import { type SchedulerLike } from 'rxjs';
import { Handle, type HandleType } from '../handles.js';
import { type Ledger } from '../ledger.js';
import { madeAt } from '../made-at.js';
import { type Immediate, ImmediateResource, type Timer, TimerResource } from '../timers.js';
import { type AnyFunction, type Call, classFacade, functionFacade } from './facade.js';

/** Those of Node's modules that are reached by other ways than their name as well. */
export type InnerModule = 'fs/promises' | 'timers' | 'timers/promises';

/** What one generation's facades have in common; and what stands for modules and their exports. */
export interface FacadeContext {
  readonly ledger: Ledger;
  /** Whose timers are entered, too. */
  readonly scheduler: SchedulerLike;
  exportsOf(moduleName: InnerModule): object;
  exportOf(moduleName: InnerModule, exportName: string): unknown;
}

/** Makes what stands for one of Node's exports, so that what a module makes with it is entered into its ledger. */
export type FacadeMaker = (original: unknown, context: FacadeContext) => unknown;

/** For classes. */
export const constructing =
  (type: HandleType): FacadeMaker =>
  (original, { ledger }) =>
    classFacade(original as AnyFunction, {
      before: () => ledger.assertOpen(),
      made: (instance, args) => enterHandle(ledger, type, instance, args),
    });

/** For functions that return what they make, or promise it where `util.promisify` has made them so. */
export const returning =
  (type: HandleType): FacadeMaker =>
  (original, { ledger }) => {
    const facadeOf = (work: AnyFunction, promisified?: AnyFunction): AnyFunction =>
      functionFacade(
        work,
        (self, args) => {
          ledger.assertOpen();
          const made = Reflect.apply(work, self, args) as object;
          enterMade(ledger, type, made, args);
          return made;
        },
        promisified,
      );
    const promisified: unknown = Reflect.get(original as AnyFunction, promisify.custom);
    return facadeOf(
      original as AnyFunction,
      typeof promisified === 'function' ? facadeOf(promisified as AnyFunction) : undefined,
    );
  };

/** For `setTimeout` and `setInterval`. @param knowsPlace whether it is noted where each is made */
export const timing =
  ({ knowsPlace }: { readonly knowsPlace: boolean }): FacadeMaker =>
  (original, context) =>
    timerFacade(original as AnyFunction, context, (timer) =>
      context.ledger.enter(new TimerResource(timer as Timer, knowsPlace ? madeAt() : undefined)),
    );

/** For `setImmediate`. */
export const immediate: FacadeMaker = (original, context) =>
  timerFacade(original as AnyFunction, context, (made) =>
    context.ledger.enter(new ImmediateResource(made as Immediate)),
  );

/** For `fs.watchFile`: all that watch one file share a watcher, so each has only its listener to take back. */
export const watchingFile: FacadeMaker = (original, { ledger }) =>
  functionFacade(original as AnyFunction, (self, args) => {
    ledger.assertOpen();
    const watcher = Reflect.apply(original as AnyFunction, self, args) as StatWatcher;
    const [file, listener] = [args[0], args.at(-1)] as Parameters<typeof unwatchFile>;
    ledger.enter({
      kind: 'watchers',
      madeAt: madeAt(),
      isAlive: () => watcher.listeners('change').includes(listener as () => void),
      end: () => unwatchFile(file, listener),
    });
    return watcher;
  });

function timerFacade(original: AnyFunction, context: FacadeContext, enter: (made: unknown) => void): AnyFunction {
  const call: Call = (self, args) => {
    const made = Reflect.apply(original, self, args);
    enter(made);
    return made;
  };
  const promisified = Object.hasOwn(original, promisify.custom)
    ? (context.exportOf('timers/promises', original.name) as AnyFunction)
    : undefined;
  return functionFacade(original, call, promisified);
}

function enterHandle(ledger: Ledger, type: HandleType, handle: object, madeWith: readonly unknown[]): void {
  type.begin?.(handle, madeWith);
  ledger.enter(new Handle(type, handle, madeAt()));
}

function enterMade(ledger: Ledger, type: HandleType, made: object, madeWith: readonly unknown[]): void {
  if (!types.isPromise(made)) return enterHandle(ledger, type, made, madeWith);
  const child: unknown = Reflect.get(made, 'child');
  if (typeof child === 'object' && child !== null) enterHandle(ledger, type, child, madeWith);
}
