import { describe, expect, test } from '@jest/globals';
import { didYouMean, nearest } from './did-you-mean.js';

const KEYS = ['schedule', 'handler', 'name', 'ui'];

describe('nearest', () => {
  test.each([
    ['shedule', 'schedule'],
    ['Schedule', 'schedule'],
    ['handlr', 'handler'],
    ['nmae', 'name'],
    ['nam', 'name'],
    ['u', 'ui'],
    ['completely', undefined],
    ['', undefined],
    ['x'.repeat(1_000_000), undefined],
  ])('%.20s: %s', (word, expected) => {
    expect(nearest(word, KEYS)).toBe(expected);
  });

  test('is asked as a question', () => {
    expect(didYouMean('shedule', KEYS)).toBe('did you mean `schedule`?');
    expect(didYouMean('completely', KEYS)).toBeUndefined();
  });
});
