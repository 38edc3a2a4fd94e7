import { describe, expect, it } from '@jest/globals';
import { Turnstile } from './turnstile.js';

describe('Turnstile', () => {
  it('lets one in at a time, in the order of asking', async () => {
    const turnstile = new Turnstile<string>();
    const order: string[] = [];
    const visit = async (name: string): Promise<void> => {
      await turnstile.enter(name);
      order.push(`${name} in`);
      await Promise.resolve();
      order.push(`${name} out`);
      turnstile.leave(name);
    };
    await Promise.all(['a', 'b', 'c'].map(visit));
    expect(order).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
  });

  it('lets the one inside in again', async () => {
    const turnstile = new Turnstile<string>();
    await turnstile.enter('a');
    await turnstile.enter('a');
    turnstile.leave('a');
    await turnstile.enter('b');
    expect(turnstile.isInside('b')).toBe(true);
  });

  it('turns away one that waits, and no other', async () => {
    const turnstile = new Turnstile<string>();
    await turnstile.enter('a');
    const b = turnstile.enter('b');
    const c = turnstile.enter('c');
    const reason = new Error('gone');
    turnstile.turnAway('b', reason);
    await expect(b).rejects.toBe(reason);
    turnstile.leave('b');
    expect(turnstile.isInside('a')).toBe(true);
    turnstile.leave('a');
    await c;
    expect(turnstile.isInside('c')).toBe(true);
  });
});
