import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import timers from 'node:timers';
import timersPromises, { setTimeout as sleep } from 'node:timers/promises';
import { Ledger } from '../ledger.js';
import { TrackedSurroundings } from './tracked-surroundings.js';

let ledger: Ledger;
let own: typeof timers;
let promises: typeof timersPromises;
beforeEach(() => {
  ledger = new Ledger('hello@1');
  const surroundings = new TrackedSurroundings(ledger);
  own = surroundings.required('timers', timers) as typeof timers;
  promises = surroundings.required('timers/promises', timersPromises) as typeof timersPromises;
});
afterEach(() => ledger.close());

const kinds = async () => (await ledger.close()).left.map(({ kind }) => kind);
const settled = (promise: Promise<unknown>) =>
  Promise.race([
    promise.then(
      () => true,
      () => true,
    ),
    sleep(50, false),
  ]);

describe('timers', () => {
  it('call back, with arguments, as they always do', async () => {
    const called = await Promise.all([
      new Promise((resolve) => own.setTimeout((...args) => resolve(args), 1, 'a', 2, 'c', 'd')),
      new Promise((resolve) => own.setImmediate((...args) => resolve(args), 'b')),
    ]);
    expect(called).toEqual([['a', 2, 'c', 'd'], ['b']]);
    expect(() => own.setTimeout('no function' as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
    expect(await kinds()).toEqual([]);
  });

  it('can be cleared in every way, and nothing is left then', async () => {
    clearTimeout(
      own
        .setTimeout(() => undefined, 60_000)
        .unref()
        .ref(),
    );
    own.clearTimeout(own.setTimeout(() => undefined, 60_000));
    clearTimeout(+own.setTimeout(() => undefined, 60_000));
    own.setTimeout(() => undefined, 60_000)[Symbol.dispose]();
    own.setInterval(() => undefined, 60_000).close();
    clearInterval(own.setInterval(() => undefined, 60_000));
    own.clearImmediate(own.setImmediate(() => undefined));
    expect(await kinds()).toEqual([]);
  });

  it('that are left are cleared, and so are those that come later', async () => {
    const fired: string[] = [];
    const make = () => {
      own.setTimeout(() => fired.push('timeout'), 1);
      own.setInterval(() => fired.push('interval'), 1).unref();
      own.setImmediate(() => fired.push('immediate'));
    };
    make();
    expect(await kinds()).toEqual(['timers', 'timers', 'timers']);
    make();
    await sleep(20);
    expect(fired).toEqual([]);
  });

  it('are not kept once they have fired', async () => {
    for (let round = 0; round < 50; round++) await new Promise((resolve) => own.setTimeout(resolve, 0));
    expect(ledger.size).toBeLessThan(15);
    const pending = Array.from({ length: 100 }, () => own.setTimeout(() => undefined, 60_000));
    expect(ledger.size).toBeGreaterThanOrEqual(100);
    pending.forEach((timer) => clearTimeout(timer));
    for (let round = 0; round < 50; round++) clearTimeout(own.setTimeout(() => undefined));
    expect(ledger.size).toBeLessThan(50);
  });
});

describe('timers that promise', () => {
  it('keep their promise, and stop where their signal says so', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new Error('enough');
    expect(await promises.setTimeout(1, 'value')).toBe('value');
    expect(await promises.setImmediate('value', { signal })).toBe('value');
    expect(await promises.scheduler.wait(1)).toBeUndefined();
    const stopped = [
      promises.setTimeout(60_000, 'value', { signal }),
      promises.scheduler.wait(60_000, { signal }),
      promises.setInterval(60_000, 'value', { signal }).next(),
    ];
    controller.abort(reason);
    stopped.push(promises.setTimeout(1, 'value', { signal }));
    for (const each of stopped) {
      await expect(each).rejects.toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', cause: reason });
    }
    await expect(promises.setTimeout(1, 1, { signal: 'none' } as never)).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_TYPE',
    });
    await expect(promises.setTimeout('long' as never)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    await expect(promises.setTimeout(1, 1, null as never)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    expect(await kinds()).toEqual([]);
  });

  it('can be iterated', async () => {
    const seen: string[] = [];
    for await (const value of promises.setInterval(1, 'tick')) if (seen.push(value) === 3) break;
    expect(seen).toEqual(['tick', 'tick', 'tick']);
    const iterator = promises.setInterval(1, 'tick');
    expect(Object.keys(iterator)).toEqual([]);
    expect(await kinds()).toEqual([]);
  });

  it('never come once the module is gone, so that nothing goes round without waiting', async () => {
    const left = [
      promises.setTimeout(1),
      promises.setImmediate(),
      promises.scheduler.wait(1),
      promises.setInterval(1).next(),
    ];
    expect(await kinds()).toEqual(['timers', 'timers', 'timers', 'timers']);
    const later = [promises.setTimeout(1), promises.setInterval(1).next()];
    for (const each of [...left, ...later]) expect(await settled(each)).toBe(false);
  });
});
