import { describe, expect, it } from '@jest/globals';
import { TrialShare } from './trial-share.js';

const USERS = Array.from({ length: 20_000 }, (_none, index) => `user-${index}`);

describe('TrialShare', () => {
  const share = (seed: string, percent: number) => {
    const made = new TrialShare(seed);
    made.set(percent);
    return made;
  };

  it('has as many of the users as asked, within a tenth', () => {
    for (const percent of [1, 5, 50]) {
      const those = USERS.filter((user) => share('a', percent).has(user)).length;
      expect(Math.abs(those / USERS.length - percent / 100)).toBeLessThan(percent / 1000 + 0.002);
    }
  });

  it('has nobody at 0 and everybody at 100', () => {
    expect(USERS.some((user) => share('a', 0).has(user))).toBe(false);
    expect(USERS.every((user) => share('a', 100).has(user))).toBe(true);
  });

  it('has the same users on every host, keeps them as it grows, and has others at the next trial', () => {
    const of = (seed: string, percent: number) => USERS.filter((user) => share(seed, percent).has(user));
    expect(of('a', 5)).toEqual(of('a', 5));
    expect(of('a', 10)).toEqual(expect.arrayContaining(of('a', 5).slice(0, 50)));
    const again = new Set(of('b', 5));
    expect(of('a', 5).filter((user) => again.has(user)).length).toBeLessThan(150);
  });
});
