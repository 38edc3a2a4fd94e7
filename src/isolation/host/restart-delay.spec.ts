import { expect, it } from '@jest/globals';
import { restartDelay, spawnDelay } from './restart-delay.js';

it('doubles from a tenth of a second to ten', () => {
  expect([1, 2, 3, 4, 7, 8, 9, 60].map(restartDelay)).toEqual([100, 200, 400, 800, 6_400, 10_000, 10_000, 10_000]);
});

it('counts the start of the next process as a part of the wait', () => {
  expect([1, 3, 4, 8].map(spawnDelay)).toEqual([0, 0, 400, 9_600]);
});
