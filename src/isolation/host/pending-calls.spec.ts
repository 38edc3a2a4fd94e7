import { describe, expect, it } from '@jest/globals';
import { PendingCalls } from './pending-calls.js';

describe('PendingCalls', () => {
  it('settles each call by its number', async () => {
    const calls = new PendingCalls<string>();
    const asked: number[] = [];
    const first = calls.make('first', (id) => asked.push(id));
    const second = calls.make('second', (id) => asked.push(id));
    expect(asked).toEqual([first.id, second.id]);
    expect([calls.contextOf(first.id), calls.contextOf(second.id)]).toEqual(['first', 'second']);
    calls.throw(second.id, new Error('no'));
    calls.return(first.id, 42);
    await expect(first.answer).resolves.toBe(42);
    await expect(second.answer).rejects.toThrow('no');
  });

  it('forgets a call once it is settled, and passes over answers to what it does not know', async () => {
    const calls = new PendingCalls<string>();
    const { id, answer } = calls.make('only', () => undefined);
    calls.return(id, 1);
    calls.return(id, 2);
    calls.throw(99, new Error('nobody asked'));
    await expect(answer).resolves.toBe(1);
    expect(calls.contextOf(id)).toBeUndefined();
  });

  it('fails all that is under way at once', async () => {
    const calls = new PendingCalls<void>();
    const answers = [1, 2, 3].map(() => calls.make(undefined, () => undefined).answer);
    calls.throwAll(new Error('gone'));
    const outcomes = await Promise.allSettled(answers);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  });
});
