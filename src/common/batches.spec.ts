import { describe, expect, it } from '@jest/globals';
import { Batches } from './batches.js';

function recording(options: { most?: number; joins?: (item: number, batch: readonly number[]) => boolean } = {}) {
  const done: number[][] = [];
  const gates: (() => void)[] = [];
  const batches = new Batches<number, string>({
    most: 10,
    ...options,
    async work(items) {
      done.push([...items]);
      await new Promise<void>((resolve) => gates.push(resolve));
      return items.map((item) => `did ${item}`);
    },
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const finish = async () => {
    gates.shift()?.();
    await turn();
  };
  return { batches, done, finish, turn };
}

describe('Batches', () => {
  it('does together what is asked for in one turn, and answers each its own', async () => {
    const { batches, done, finish, turn } = recording();
    const outcomes = Promise.all([1, 2, 3].map((item) => batches.add(item)));
    await turn();
    await finish();
    await expect(outcomes).resolves.toEqual(['did 1', 'did 2', 'did 3']);
    expect(done).toEqual([[1, 2, 3]]);
  });

  it('waits a little for others, where it may', async () => {
    const done: number[][] = [];
    const work = async (items: readonly number[]) => (done.push([...items]), items);
    const batches = new Batches<number, number>({ most: 10, gatherMs: 20, work });
    const first = batches.add(1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    await Promise.all([first, batches.add(2)]);
    expect(done).toEqual([[1, 2]]);
  });

  it('gathers what comes while a batch is under way, and starts no second one beside it', async () => {
    const { batches, done, finish, turn } = recording();
    const first = batches.add(1);
    await turn();
    const rest = Promise.all([2, 3].map((item) => batches.add(item)));
    await turn();
    expect(done).toEqual([[1]]);
    await finish();
    await finish();
    await Promise.all([first, rest]);
    expect(done).toEqual([[1], [2, 3]]);
  });

  it('makes no batch larger than it may be, and keeps those apart that may not meet', async () => {
    const { batches, done, finish, turn } = recording({ most: 3, joins: (item, batch) => !batch.includes(item) });
    const all = Promise.all([1, 2, 3, 4, 4, 5].map((item) => batches.add(item)));
    await turn();
    for (let count = 0; count < 3; count++) await finish();
    await all;
    expect(done).toEqual([[1, 2, 3], [4], [4, 5]]);
  });

  it('does each by itself where the database refuses one of them', async () => {
    const batches = new Batches<number, number>({
      most: 10,
      async work(items) {
        if (items.includes(2)) throw Object.assign(new Error('refused'), { code: '22P05' });
        return items;
      },
    });
    const outcomes = await Promise.allSettled([1, 2, 3].map((item) => batches.add(item)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('has all fail where the database does not answer, and asks it once', async () => {
    let asked = 0;
    const batches = new Batches<number, number>({
      most: 10,
      async work() {
        asked++;
        throw Object.assign(new Error('gone'), { code: '57P01' });
      },
    });
    const outcomes = await Promise.allSettled([1, 2].map((item) => batches.add(item)));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(asked).toBe(1);
    await expect(batches.add(3)).rejects.toThrow('gone');
  });
});
