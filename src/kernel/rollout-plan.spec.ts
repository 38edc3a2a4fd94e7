import { describe, expect, it } from '@jest/globals';
import { trialFlaw, type TrialPlan } from './rollout-plan.js';

const plan: TrialPlan = { strategy: 'canary', percent: 5, windowMs: 60_000, errorPercent: 5 };

describe('trialFlaw', () => {
  it.each([
    [0, 0, false],
    [4, 4, false],
    [5, 5, true],
    [100, 5, false],
    [99, 5, true],
    [0, 5, true], // it crashed before it had a request
  ])('while it goes on, of %i requests %i errors: %j', (requests, errors, isFlawed) => {
    expect(trialFlaw({ requests, errors, detail: 'GET /: answered 500' }, plan) !== undefined).toBe(isFlawed);
  });

  it.each([
    [0, 0, false],
    [1, 1, true],
    [100, 5, false],
    [19, 1, true],
  ])('once its window is over, of %i requests %i errors: %j', (requests, errors, isFlawed) => {
    expect(trialFlaw({ requests, errors, detail: null }, plan, true) !== undefined).toBe(isFlawed);
  });

  it('says what went wrong last', () => {
    expect(trialFlaw({ requests: 10, errors: 6, detail: 'GET /a: answered 500' }, plan)).toBe(
      '6 of 10 requests ended in errors, at last so: GET /a: answered 500',
    );
  });
});
