import { describe, expect, it } from '@jest/globals';
import { type HostEvent } from '../kernel/index.js';
import { HostEventBus } from './host-event-bus.js';

const fail = (error: unknown): never => {
  throw error;
};

describe('HostEventBus', () => {
  const names = (events: readonly HostEvent[]) => events.map(({ type, data }) => [type, 'id' in data ? data.id : '']);
  const change = (bus: HostEventBus, id: string) => bus.publish('job.changed', { id, module: 'hello', job: 'tick' });

  it('tells whoever subscribes, until they end it', () => {
    const bus = new HostEventBus('host-a', fail);
    const seen: HostEvent[] = [];
    const end = bus.subscribe((event) => seen.push(event));
    change(bus, '1');
    end();
    change(bus, '2');
    expect(seen).toEqual([
      {
        id: expect.any(String),
        type: 'job.changed',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        host: 'host-a',
        data: { id: '1', module: 'hello', job: 'tick' },
      },
    ]);
  });

  it('repeats what a client has missed, its own and others’, or tells of a gap', () => {
    const [bus, other] = [new HostEventBus('host-a', fail), new HostEventBus('host-b', fail)];
    const all: HostEvent[] = [];
    bus.subscribe((event) => all.push(event));
    other.subscribe((event) => bus.receive(event));
    change(bus, '1');
    change(other, '2');
    change(bus, '3');
    const [first] = all as [HostEvent];
    const missed: HostEvent[] = [];
    bus.subscribe((event) => missed.push(event), first.id);
    change(other, '4');
    expect(names(missed).map(([, id]) => id)).toEqual(['2', '3', '4']);
    expect(new Set(all.map(({ id }) => id)).size).toBe(4);

    const lost: HostEvent[] = [];
    bus.subscribe((event) => lost.push(event), 'what-nobody-knows');
    change(bus, '5');
    expect(names(lost)).toEqual([
      ['events.gap', ''],
      ['job.changed', '5'],
    ]);
  });

  it('keeps a bounded number of events', () => {
    const bus = new HostEventBus('host-a', fail);
    const all: HostEvent[] = [];
    bus.subscribe((event) => all.push(event));
    for (let count = 0; count < 5_000; count++) change(bus, String(count));
    const seen: HostEvent[] = [];
    bus.subscribe((event) => seen.push(event), all[0]?.id);
    expect(names(seen)).toEqual([['events.gap', '']]);
    bus.subscribe((event) => seen.push(event), all.at(-900)?.id);
    expect(seen).toHaveLength(900);
  });

  it('goes on where a listener fails', () => {
    const errors: unknown[] = [];
    const bus = new HostEventBus('host-a', (error) => errors.push(error));
    const seen: HostEvent[] = [];
    bus.subscribe(() => fail(new Error('broken')));
    bus.subscribe((event) => seen.push(event));
    change(bus, '1');
    expect([seen.length, errors.length]).toEqual([1, 1]);
  });
});
