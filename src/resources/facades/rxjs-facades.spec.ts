import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type rxjs from 'rxjs';
import { asyncScheduler, type Observable } from 'rxjs';
import { Ledger } from '../ledger.js';
import { RXJS_EXPORTS } from './rxjs-facades.js';
import { TrackedSurroundings } from './tracked-surroundings.js';

const require = createRequire(import.meta.url);
let ledger: Ledger;
let own: typeof rxjs;
beforeEach(() => {
  ledger = new Ledger('hello@1');
  own = new TrackedSurroundings(ledger).required('rxjs', require('rxjs')) as typeof rxjs;
});
afterEach(() => ledger.close());

const WAYS: Readonly<Record<string, () => Observable<unknown>>> = {
  interval: () => own.interval(1),
  'a timer': () => own.timer(1),
  'a timer that goes on': () => own.timer(0, 1),
  'a timer with a scheduler': () => own.timer(1, own.asyncScheduler),
  auditTime: () => own.merge(own.of(1), own.NEVER).pipe(own.auditTime(1)),
  bufferTime: () => own.NEVER.pipe(own.bufferTime(1)),
  'bufferTime with more': () => own.NEVER.pipe(own.bufferTime(1, 1, 5)),
  debounceTime: () => own.merge(own.of(1), own.NEVER).pipe(own.debounceTime(1)),
  delay: () => own.merge(own.of(1), own.NEVER).pipe(own.delay(1)),
  repeat: () => own.of(1).pipe(own.skip(1), own.repeat({ delay: 1 })),
  retry: () => own.throwError(() => new Error()).pipe(own.retry({ delay: 1 })),
  sampleTime: () => own.merge(own.of(1), own.NEVER).pipe(own.sampleTime(1)),
  throttleTime: () =>
    own.merge(own.of(1, 2), own.NEVER).pipe(own.throttleTime(1, undefined, { leading: false, trailing: true })),
  timeout: () => own.NEVER.pipe(own.timeout({ each: 1, with: () => own.of(1) })),
  timeoutWith: () => own.NEVER.pipe(own.timeoutWith(1, own.of(1))),
  windowTime: () => own.NEVER.pipe(own.windowTime(1), own.skip(1)),
  observeOn: () => own.of(1).pipe(own.observeOn(own.asyncScheduler, 1)),
};

describe.each(Object.entries(WAYS))('%s', (way, make) => {
  it('goes on for as long as the module is there', async () => {
    const seen: unknown[] = [];
    const subscription = make().subscribe((value) => seen.push(value));
    const left = (await ledger.close()).left.map(({ kind }) => kind);
    expect(left.length).toBeGreaterThan(0);
    expect(new Set(left)).toEqual(new Set(['timers']));
    await sleep(20);
    expect(seen).toEqual([]);
    subscription.unsubscribe();
  });

  // These wait for ever for a value.
  if (!/repeat|retry/.test(way)) {
    it('does what it does otherwise', async () => {
      expect(await own.firstValueFrom(make())).toBeDefined();
      const left = (await ledger.close()).left;
      expect(left).toEqual([]);
    });
  }
});

it('takes the scheduler that it is given', () => {
  own.interval(1, asyncScheduler).subscribe().unsubscribe();
  const virtual = new own.VirtualTimeScheduler();
  const seen: number[] = [];
  own.timer(5_000, virtual).subscribe((value) => seen.push(value));
  own.NEVER.pipe(own.bufferTime(5_000, virtual), own.take(1)).subscribe(({ length }) => seen.push(length));
  virtual.flush();
  expect(seen).toEqual([0, 0]);
});

it('knows all of rxjs that starts timers', () => {
  const internal = dirname(require.resolve('rxjs/internal/Observable'));
  const files = ['operators', 'observable'].flatMap((folder) =>
    readdirSync(join(internal, folder)).flatMap((name) => (name.endsWith('.js') ? [join(internal, folder, name)] : [])),
  );
  const starting = files.filter((file) =>
    /require\("(\.\.\/scheduler\/async|.*\/timer|.*\/interval)"\)/.test(readFileSync(file, 'utf8')),
  );
  const names = starting.map((file) => file.replace(/^.*\/|\.js$/g, ''));
  const known = Object.keys(RXJS_EXPORTS.rxjs).filter((name) => !name.startsWith('async'));
  // It asks the scheduler what time it is.
  expect(names.filter((name) => name !== 'timeInterval').sort()).toEqual(known.sort());
});
