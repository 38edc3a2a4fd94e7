import { describe, expect, test } from '@jest/globals';
import { TokenBucket } from './token-bucket.js';

/** Takes one token at each of the times. @returns what `take()` said */
function takes(perSecond: number, at: readonly number[]): number[] {
  let time = 0;
  const bucket = new TokenBucket(perSecond, () => time);
  return at.map((now) => {
    time = now;
    return bucket.take();
  });
}

describe('a bucket of tokens', () => {
  test.each<[string, number, number[], number[]]>([
    ['lets one second of them through at once', 2, [0, 0, 0], [0, 0, 0.5]],
    ['grows back evenly', 2, [0, 0, 500, 500, 1000], [0, 0, 0, 0.5, 0]],
    ['says how long the rest takes', 2, [0, 0, 250], [0, 0, 0.25]],
    ['never holds more than one second of them', 2, [0, 60_000, 60_000, 60_000], [0, 0, 0, 0.5]],
    ['holds one at least', 0.5, [0, 0, 1000, 2000], [0, 2, 1, 0]],
    [
      'holds a part of a token',
      1.5,
      [0, 0, 334, 334],
      [0, (1 - 0.5) / 1.5, 0, expect.any(Number) as unknown as number],
    ],
  ])('%s', (_, perSecond, at, expected) => {
    expect(takes(perSecond, at)).toEqual(expected);
  });

  test('goes on with what another has left', () => {
    const now = () => 0;
    const former = new TokenBucket(3, now);
    former.take();
    former.take();
    const bucket = new TokenBucket(3, now);
    bucket.continue(former);
    expect([bucket.take(), bucket.take() > 0]).toEqual([0, true]);
  });

  test('takes over no more than it holds itself', () => {
    const now = () => 0;
    const bucket = new TokenBucket(1, now);
    bucket.continue(new TokenBucket(50, now));
    expect([bucket.take(), bucket.take()]).toEqual([0, 1]);
  });
});
