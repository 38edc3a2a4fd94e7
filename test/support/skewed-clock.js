/** `node --import ./test/support/skewed-clock.js`: the process's clock is ahead by CLOCK_SKEW_MS milliseconds. */
import process from 'node:process';

const skew = Number(process.env.CLOCK_SKEW_MS);
const now = () => RealDate.now() + skew;
const RealDate = globalThis.Date;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length > 0 ? args : [now()], newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
});
