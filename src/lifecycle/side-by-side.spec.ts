import { describe, expect, it } from '@jest/globals';
import { sideBySide } from './side-by-side.js';

const waits = (needs: Readonly<Record<string, readonly string[]>>) => new Map(Object.entries(needs));

/** Tasks that end when they are told to. */
class Tasks {
  readonly begun: string[] = [];
  readonly #ends = new Map<string, { resolve: (value: string) => void; reject: (error: Error) => void }>();

  readonly run = (name: string): Promise<string> => {
    this.begun.push(name);
    return new Promise((resolve, reject) => this.#ends.set(name, { resolve, reject }));
  };

  async end(name: string): Promise<void> {
    this.#ends.get(name)?.resolve(name);
    await settle();
  }

  async fail(name: string): Promise<void> {
    this.#ends.get(name)?.reject(new Error(name));
    await settle();
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('sideBySide', () => {
  it('begins each as soon as what it waits for has ended, and not with its whole wave', async () => {
    const tasks = new Tasks();
    const all = sideBySide(waits({ a: [], b: [], a1: ['a'], b1: ['b'], both: ['a1', 'b1', 'elsewhere'] }), tasks.run);
    await settle();
    expect(tasks.begun).toEqual(['a', 'b']);
    await tasks.end('a');
    expect(tasks.begun).toEqual(['a', 'b', 'a1']);
    await tasks.end('a1');
    await tasks.end('b');
    expect(tasks.begun).toEqual(['a', 'b', 'a1', 'b1']);
    await tasks.end('b1');
    await tasks.end('both');
    expect([...(await all).keys()]).toEqual(['a', 'b', 'a1', 'b1', 'both']);
  });

  it('goes on past a failure', async () => {
    const tasks = new Tasks();
    const all = sideBySide(waits({ a: [], b: ['a'] }), tasks.run);
    await settle();
    await tasks.fail('a');
    await tasks.end('b');
    const outcomes = await all;
    expect([outcomes.get('a')?.status, outcomes.get('b')?.status]).toEqual(['rejected', 'fulfilled']);
  });
});
