import { describe, expect, it } from '@jest/globals';
import { OperationQueue } from './operation-queue.js';

function gate() {
  let open: (value: string) => void = () => undefined;
  const opened = new Promise<string>((resolve) => (open = resolve));
  return { opened, open };
}

describe('OperationQueue', () => {
  it('runs one operation at a time, in the order of the calls', async () => {
    const queue = new OperationQueue();
    const order: string[] = [];
    const first = gate();
    const enable = queue.run('enable', async () => {
      order.push('enable begins');
      await first.opened;
      order.push('enable ends');
    });
    const disable = queue.run('disable', async () => void order.push('disable'));
    await Promise.resolve();
    first.open('');
    await Promise.all([enable, disable]);
    expect(order).toEqual(['enable begins', 'enable ends', 'disable']);
  });

  it('joins a call to the same operation under way', async () => {
    const queue = new OperationQueue();
    const { opened, open } = gate();
    let ran = 0;
    const operation = () => {
      ran++;
      return opened;
    };
    const both = [queue.run('reload', operation), queue.run('reload', operation)];
    open('done');
    expect(await Promise.all(both)).toEqual(['done', 'done']);
    expect(ran).toBe(1);
  });

  it('joins a failure too', async () => {
    const queue = new OperationQueue();
    const failing = () => Promise.reject(new Error('no'));
    const outcomes = await Promise.allSettled([queue.run('reload', failing), queue.run('reload', failing)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('does not join across another operation', async () => {
    const queue = new OperationQueue();
    const order: string[] = [];
    const note = (what: string) => async () => void order.push(what);
    await Promise.all([
      queue.run('enable', note('enable')),
      queue.run('disable', note('disable')),
      queue.run('enable', note('enable again')),
    ]);
    expect(order).toEqual(['enable', 'disable', 'enable again']);
  });

  it('goes on after a failure', async () => {
    const queue = new OperationQueue();
    const failed = queue.run('enable', () => Promise.reject(new Error('no')));
    const next = queue.run('disable', () => Promise.resolve('fine'));
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('fine');
  });
});
