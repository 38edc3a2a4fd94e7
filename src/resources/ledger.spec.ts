import { describe, expect, it } from '@jest/globals';
import { Ledger, type Resource } from './ledger.js';

const resource = (end: Resource['end'], isAlive = () => true): Resource => ({ kind: 'sockets', isAlive, end });

describe('a ledger', () => {
  it('ends what is alive, in any number, whatever becomes of the others', async () => {
    const ledger = new Ledger('hello@1');
    const ended: string[] = [];
    const failure = new Error('it cannot be ended');
    const fails = () => {
      throw failure;
    };
    const inTime = resource(async () => void ended.push('later'));
    const hanging = resource(() => new Promise(() => undefined));
    const failing = resource(fails);
    const leave = ledger.enter(resource(() => void ended.push('left')));
    for (const each of [failing, hanging, inTime, resource(() => void ended.push('now'))]) ledger.enter(each);
    ledger.enter(
      resource(
        () => void ended.push('dead'),
        () => false,
      ),
    );
    leave();
    const { left, failures } = await ledger.close();
    expect(ended).toEqual(['later', 'now']);
    expect(left).toHaveLength(4);
    expect(failures.map(({ message, cause }) => [message, (cause as Error).message])).toEqual([
      ['ending one of its sockets failed', 'it cannot be ended'],
      ['ending one of its sockets failed', 'it took over 2000 ms'],
    ]);
    expect(await ledger.close()).toEqual({ left: [], failures: [] });
  });

  it('ends what comes later at once, and says that it is too late for more', async () => {
    const ledger = new Ledger('hello@1');
    ledger.assertOpen();
    await ledger.close();
    let ended = 0;
    ledger.enter(resource(() => void ended++));
    expect(ended).toBe(1);
    expect(() => ledger.assertOpen()).toThrow(expect.objectContaining({ name: 'AbortError' }));
  });

  it('forgets what has ended, whatever it holds', () => {
    const ledger = new Ledger('hello@1');
    for (let i = 0; i < 100; i++) ledger.enter(resource(() => undefined));
    for (let i = 0; i < 10_000; i++) {
      ledger.enter(
        resource(
          () => undefined,
          () => false,
        ),
      );
      expect(ledger.size).toBeLessThan(140);
    }
  });
});
