import { describe, expect, test } from '@jest/globals';
import { RequestClock } from './request-clock.js';

/** A clock whose ticks the test makes. */
function clockOf(timeoutMs: number, isNeeded = () => true) {
  let tick: (() => void) | undefined;
  let interval = 0;
  const clock = new RequestClock(timeoutMs, isNeeded, (milliseconds, onTick) => {
    interval = milliseconds;
    tick = onTick;
    return () => (tick = undefined);
  });
  return { clock, tick: () => tick?.(), runs: () => tick !== undefined, interval: () => interval };
}

describe('the clock of requests', () => {
  test.each([
    [1, 5],
    [300, 15],
    [1000, 50],
    [30_000, 250],
    [2_147_483_647, 250],
  ])('looks at deadlines of %i ms every %i ms', (timeoutMs, interval) => {
    const { clock, interval: ticksEvery } = clockOf(timeoutMs);
    clock.begin();
    expect(ticksEvery()).toBe(interval);
  });

  test.each([1, 7, 300, 1000, 30_000])('lets %i ms pass whole, wherever between two ticks they began', (timeoutMs) => {
    const { clock, tick, interval } = clockOf(timeoutMs);
    const begin = clock.begin();
    let ticks = 0;
    while (!clock.isOver(begin)) {
      tick();
      ticks++;
    }
    // Begun right before the first tick, or right after the one before it.
    expect((ticks - 1) * interval()).toBeGreaterThanOrEqual(timeoutMs);
    expect((ticks - 2) * interval()).toBeLessThan(timeoutMs);
  });

  test('stands still while nothing needs it', () => {
    let needed = true;
    const { clock, tick, runs } = clockOf(1000, () => needed);
    expect(runs()).toBe(false);
    clock.begin();
    tick();
    expect(runs()).toBe(true);
    needed = false;
    tick();
    expect(runs()).toBe(false);
    clock.begin();
    expect(runs()).toBe(true);
  });
});
