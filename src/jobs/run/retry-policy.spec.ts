import { describe, expect, it } from '@jest/globals';
import { backoffDelay, nextStep } from './retry-policy.js';

const policy = { retries: 2, backoff: { type: 'fixed', delay: 100, jitter: 0 } } as const;

describe('nextStep', () => {
  it.each([
    ['succeeded', 1, { status: 'succeeded' }],
    ['failed', 1, { status: 'queued', delayMs: 100 }],
    ['failed', 2, { status: 'queued', delayMs: 100 }],
    ['failed', 3, { status: 'dead' }],
    ['timed-out', 2, { status: 'queued', delayMs: 100 }],
    ['timed-out', 3, { status: 'timed-out' }],
    ['interrupted', 1, { status: 'queued', delayMs: 0 }],
    ['interrupted', 3, { status: 'queued', delayMs: 0 }],
    ['lost', 2, { status: 'queued', delayMs: 0 }],
    ['lost', 3, { status: 'dead' }],
  ] as const)('of an attempt that %s, number %i', (end, attempt, expected) => {
    expect(nextStep(end, attempt, policy)).toEqual(expected);
  });
});

describe('backoffDelay', () => {
  const exponential = { type: 'exponential', delay: 1000, jitter: 0.25 } as const;

  it('doubles, up to an hour', () => {
    expect([1, 2, 3, 4].map((attempt) => backoffDelay(exponential, attempt, 0))).toEqual([1000, 2000, 4000, 8000]);
    expect(backoffDelay(exponential, 1000, 0)).toBe(3_600_000);
  });

  it('leaves as much to chance as it is told, never more than the whole', () => {
    expect(backoffDelay({ type: 'fixed', delay: 1000, jitter: 1 }, 3, 0.999_999)).toBe(0);
    expect(backoffDelay({ type: 'fixed', delay: 1000, jitter: 0 }, 3, 0.999_999)).toBe(1000);
    expect(backoffDelay(exponential, 1, 0.5)).toBe(875);
    expect(backoffDelay(exponential, 1, 0.999_999)).toBe(750);
  });
});
