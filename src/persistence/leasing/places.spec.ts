import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Places } from './places.js';

const { signal } = new AbortController();

describe('Places', () => {
  it('lets in as many as there are, then the others in the order of asking', async () => {
    const places = new Places(2, 'all');
    const first = await places.take('a', signal);
    await places.take('b', signal);
    const entered: string[] = [];
    const third = places.take('c', signal).then((leave) => (entered.push('c'), leave));
    void places.take('d', signal).then(() => entered.push('d'));
    await setImmediate();
    expect(entered).toEqual([]);
    first();
    (await third)();
    await setImmediate();
    expect(entered).toEqual(['c', 'd']);
  });

  it('lets go of one that gives up waiting, and of no other', async () => {
    const places = new Places(1, 'all');
    const leave = await places.take('a', signal);
    const impatient = new AbortController();
    const second = places.take('b', impatient.signal);
    const third = places.take('c', signal);
    impatient.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    await expect(places.take('d', impatient.signal)).rejects.toThrow('enough');
    leave();
    expect(places.describe()).toBe('of 1 for all, nobody holds one');
    (await third)();
    await places.take('e', signal);
  });

  it('knows who holds them', async () => {
    const places = new Places(3, 'all modules');
    const leave = await places.take('hello', signal);
    await places.take('worker', signal);
    await places.take('hello', signal);
    expect(places.describe()).toBe('of 3 for all modules, hello holds 2 and worker 1');
    leave();
    expect(places.describe()).toBe('of 3 for all modules, hello holds 1 and worker 1');
  });
});
