import { describe, expect, it } from '@jest/globals';
import { type TrialPlan } from '../kernel/index.js';
import { trialSteps } from './trial-steps.js';

const plan = (strategy: TrialPlan['strategy'], percent: number): TrialPlan => ({
  strategy,
  percent,
  windowMs: 1,
  errorPercent: 5,
});

describe('trialSteps', () => {
  it('gives a canary its share on all hosts', () => {
    expect(trialSteps(plan('canary', 5), ['a', 'b'])).toEqual([{ percent: 5, hosts: null }]);
  });

  it.each([
    [1, [['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c', 'd']]],
    [
      50,
      [
        ['a', 'b'],
        ['a', 'b', 'c', 'd'],
      ],
    ],
    [
      75,
      [
        ['a', 'b', 'c'],
        ['a', 'b', 'c', 'd'],
      ],
    ],
    [100, [['a', 'b', 'c', 'd']]],
  ])('rolls over %i %% of the hosts at a time, one at least', (percent, hosts) => {
    expect(trialSteps(plan('rolling', percent), ['a', 'b', 'c', 'd'])).toEqual(
      hosts.map((those) => ({ percent: 100, hosts: those })),
    );
  });
});
