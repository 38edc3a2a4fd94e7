import { expect, it } from '@jest/globals';
import { Starvation } from './starvation.js';

const course = (samples: readonly number[]): boolean[] => {
  const starvation = new Starvation();
  return samples.map((ms) => {
    starvation.sample(ms);
    return starvation.isStarved;
  });
};

it('is said after three seconds of it, and until there were three others', () => {
  expect(course([600, 900, 700, 10, 10, 10])).toEqual([false, false, true, true, true, false]);
});

it('is not said of single long tasks, nor ended by single good seconds', () => {
  expect(course([5_000, 10, 600, 10, 600, 600])).toEqual([false, false, false, false, false, false]);
  expect(course([600, 600, 600, 10, 10, 600, 10, 10])).toEqual([false, false, true, true, true, true, true, true]);
});
