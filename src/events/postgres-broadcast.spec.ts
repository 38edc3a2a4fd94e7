import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeOnPostgres, openTestDatabase, type TestDatabase } from '../../test/support/database.js';
import { eventually } from '../../test/support/eventually.js';
import { type HostEvent } from '../kernel/index.js';
import { HostEventBus } from './host-event-bus.js';
import { PostgresBroadcast } from './postgres-broadcast.js';

describeOnPostgres('events between hosts', () => {
  let test: TestDatabase;
  const fail = (error: unknown): never => {
    throw error;
  };
  beforeAll(async () => {
    test = await openTestDatabase('postgres');
  });
  afterAll(() => test.close());

  const host = async (name: string) => {
    const broadcast = new PostgresBroadcast(test.database, fail);
    const bus = new HostEventBus(name, fail, broadcast);
    await broadcast.listen(bus);
    const seen: HostEvent[] = [];
    bus.subscribe((event) => seen.push(event));
    return { bus, seen, close: () => broadcast.close() };
  };

  it('reach each host once, in the order of their host', async () => {
    const [a, b] = [await host('host-a'), await host('host-b')];
    for (let count = 0; count < 300; count++) {
      a.bus.publish('job.changed', { id: String(count), module: 'hello', job: 'tick' });
    }
    b.bus.publish('module.state', { module: 'hello', from: 'idle', to: 'loading' });
    await eventually(() => expect([a.seen.length, b.seen.length]).toEqual([301, 301]));
    expect(b.seen.filter((event) => event.host === 'host-a')).toEqual(a.seen.slice(0, 300));
    await Promise.all([a.close(), b.close()]);
  });

  it('give way to a gap where a host makes too many at once', async () => {
    const [a, b] = [await host('host-a'), await host('host-b')];
    for (let count = 0; count < 2_000; count++) {
      a.bus.publish('job.changed', { id: String(count), module: 'hello', job: 'tick' });
    }
    await eventually(() => expect(b.seen.at(-1)?.type).toBe('events.gap'));
    expect(b.seen).toHaveLength(501);
    expect(a.seen).toHaveLength(2_000);
    await Promise.all([a.close(), b.close()]);
  });
});
