import { type RepeatConfig, type RetryConfig, type SchedulerLike, timer } from 'rxjs';
import { type AnyFunction, functionFacade } from './facade.js';
import { type FacadeMaker } from './making-facades.js';

/** For functions that take a scheduler, at this place among the arguments. */
const scheduledAt =
  (place: number): FacadeMaker =>
  (original, { scheduler }) =>
    functionFacade(original as AnyFunction, (self, args) => {
      const given = Array.from({ length: Math.max(args.length, place + 1) }, (_, index) => args[index]);
      given[place] ??= scheduler;
      return Reflect.apply(original as AnyFunction, self, given);
    });

/** For functions that take a scheduler as the last of however many arguments. */
const scheduledLast: FacadeMaker = (original, { scheduler }) =>
  functionFacade(original as AnyFunction, (self, args) =>
    Reflect.apply(original as AnyFunction, self, isScheduler(args.at(-1)) ? args : [...args, scheduler]),
  );

/** For `repeat` and `retry`, which take none, but a function in place of milliseconds. */
const delaying: FacadeMaker = (original, { scheduler }) =>
  functionFacade(original as AnyFunction, (self, args) => {
    const [config, ...others] = args as [RepeatConfig | RetryConfig | number | undefined];
    if (typeof config !== 'object' || config === null || typeof config.delay !== 'number') {
      return Reflect.apply(original as AnyFunction, self, args);
    }
    const { delay } = config;
    return Reflect.apply(original as AnyFunction, self, [
      { ...config, delay: () => timer(delay, scheduler) },
      ...others,
    ]);
  });

const itself: FacadeMaker = (_original, { scheduler }) => scheduler;

const creators = { async: itself, asyncScheduler: itself, interval: scheduledAt(1), timer: scheduledAt(2) };

const operators = {
  auditTime: scheduledAt(1),
  bufferTime: scheduledLast,
  debounceTime: scheduledAt(1),
  delay: scheduledAt(1),
  repeat: delaying,
  retry: delaying,
  sampleTime: scheduledAt(1),
  throttleTime: scheduledAt(1),
  timeout: scheduledAt(1),
  timeoutWith: scheduledAt(2),
  windowTime: scheduledLast,
};

/** All that starts timers in rxjs: each generation has a scheduler of its own for them. */
export const RXJS_EXPORTS = { rxjs: { ...creators, ...operators }, 'rxjs/operators': operators };

function isScheduler(value: unknown): value is SchedulerLike {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'schedule') === 'function';
}
