import { describe, expect, test } from '@jest/globals';
import { Bulkhead } from './bulkhead.js';

/** Runs steps such as `+a` (enters) and `-a` (leaves). @returns what was started, in order, and what was refused */
function run(concurrency: number, queue: number, steps: string) {
  const bulkhead = new Bulkhead<string>(concurrency, queue);
  let started = '';
  let refused = '';
  for (const step of steps.split(' ')) {
    const name = step.slice(1);
    if (step.startsWith('-')) bulkhead.leave(name);
    else if (bulkhead.enter(name, () => (started += name)) === 'full') refused += name;
  }
  return [started, refused];
}

describe('a bulkhead', () => {
  test.each<[string, number, number, string, string[]]>([
    ['starts as many as it may', 2, 0, '+a +b +c', ['ab', 'c']],
    ['lets some wait', 1, 2, '+a +b +c +d', ['a', 'd']],
    ['starts those that wait in their order', 1, 2, '+a +b +c -a -b', ['abc', '']],
    ['forgets one that leaves while it waits', 1, 2, '+a +b +c -b -a', ['ac', '']],
    ['has room again where one has left the queue', 1, 1, '+a +b -b +c', ['a', '']],
    ['has room again where one has ended', 1, 0, '+a +b -a +c', ['ac', 'b']],
    ['starts none in the place of one that only waited', 1, 2, '+a +b +c -c', ['a', '']],
    ['goes on after it was empty', 2, 0, '+a +b -a -b +c +d +e', ['abcd', 'e']],
  ])('%s', (_, concurrency, queue, steps, expected) => {
    expect(run(concurrency, queue, steps)).toEqual(expected);
  });

  test('knows who waits, and whether there is room', () => {
    const bulkhead = new Bulkhead<string>(1, 1);
    bulkhead.enter('a', () => undefined);
    expect([bulkhead.isWaiting('a'), bulkhead.isFull]).toEqual([false, false]);
    expect(bulkhead.enter('b', () => undefined)).toBe('waiting');
    expect([bulkhead.isWaiting('b'), bulkhead.isFull]).toEqual([true, true]);
  });
});
