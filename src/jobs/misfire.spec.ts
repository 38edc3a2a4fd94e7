import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../test/support/database.js';
import { eventually } from '../../test/support/eventually.js';
import { JobsHost } from '../../test/support/jobs-host.js';
import { type ManifestJob } from '../manifest/index.js';
import { Job } from '../persistence/index.js';
import { type JobContext } from '../sdk/index.js';

const HOUR_MS = 3_600_000;

describe('ticks that no host was up for', () => {
  let test: TestDatabase;
  const hosts: JobsHost[] = [];

  const startHost = (hostId = 'host-a'): JobsHost => {
    const host = new JobsHost(test, { hostId });
    hosts.push(host);
    host.jobs.start();
    return host;
  };
  const stopHosts = async () => {
    for (const host of hosts.splice(0)) await host.jobs.stop();
  };

  beforeAll(async () => {
    test = await openTestDatabase();
  });
  afterEach(async () => {
    await stopHosts();
    await test.dataSource.query('DELETE FROM nestdock.job; DELETE FROM nestdock.module');
  });
  afterAll(() => test.close());

  /** Has a job of every hour served once, and leaves its row as `hours` without any host leave it. */
  async function downFor(hours: number, job: Omit<ManifestJob, 'handler'>): Promise<string> {
    const host = startHost();
    await host.serve('hello', { tick: { schedule: '0 * * * *', ...job, run: () => undefined } });
    const id = await host.jobId('hello/tick');
    await stopHosts();
    await test.dataSource.manager.update(Job, { id }, { answeredUntil: hoursBefore(hours) });
    return id;
  }

  const hoursBefore = (hours: number): Date =>
    new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS - hours * HOUR_MS + 1);

  const runsOf = async (host: JobsHost, id: string) =>
    (await host.service.runs(id, { limit: 500 })).items.map(({ trigger, scheduledAt, status }) => ({
      trigger,
      at: scheduledAt,
      status,
    }));

  it.each([
    ['skip', 0],
    ['run-once', 1],
    ['catch-up', 10],
  ] as const)(
    'are made up for by %s with %i runs after ten, at their own times and in their order',
    async (misfire, count) => {
      const id = await downFor(10, { misfire });
      const ran: string[] = [];
      const [a, b] = [startHost(), startHost('host-b')];
      const run = (context: unknown) => void ran.push((context as JobContext).job.scheduledAt.toISOString());
      const job = { schedule: '0 * * * *', misfire, run };
      await Promise.all([a.serve('hello', { tick: job }), b.serve('hello', { tick: job })]);

      const ticks = Array.from({ length: 10 }, (_none, index) => new Date(hoursBefore(9 - index).getTime() - 1));
      const expected = ticks.slice(10 - count).map((tick) => tick.toISOString());
      await eventually(() => expect(ran).toEqual(expected), 20_000);
      expect(await runsOf(a, id)).toEqual(
        expected.map((at) => ({ trigger: 'catch-up', at, status: 'succeeded' })).reverse(),
      );
      await eventually(async () => {
        const { answeredUntil } = await test.dataSource.manager.findOneByOrFail(Job, { id });
        expect(answeredUntil?.getTime()).toBeGreaterThanOrEqual(ticks.at(-1)?.getTime() ?? 0);
      });
    },
  );

  it('are bounded in number and in age', async () => {
    const id = await downFor(24 * 3, { misfire: 'catch-up', schedule: '*/10 * * * *' });
    const host = startHost();
    await host.serve('hello', { tick: { schedule: '*/10 * * * *', misfire: 'catch-up', run: () => undefined } });
    await eventually(async () => expect((await host.service.runs(id)).total).toBe(100));
  });

  it('are none where the job was paused, had another schedule, or its module was disabled', async () => {
    const id = await downFor(10, { misfire: 'catch-up' });
    const host = startHost();
    const { manager } = test.dataSource;
    const answeredUntil = async () => (await manager.findOneByOrFail(Job, { id })).answeredUntil?.getTime();
    const changes: (() => Promise<unknown>)[] = [
      async () => {
        await host.service.patch(id, { paused: true });
        await manager.update(Job, { id }, { answeredUntil: hoursBefore(10) });
        await host.service.patch(id, { paused: false });
      },
      () => host.service.patch(id, { schedule: '0 */2 * * *' }),
      () => host.service.patch(id, { timezone: 'Europe/Bucharest' }),
      async () => {
        await host.disable('hello');
        await host.serve('hello', { tick: { schedule: '0 * * * *', misfire: 'catch-up', run: () => undefined } });
      },
    ];
    for (const change of changes) {
      await manager.update(Job, { id }, { answeredUntil: hoursBefore(10) });
      const before = Date.now();
      await change();
      expect(await answeredUntil()).toBeGreaterThanOrEqual(before);
    }
    await stopHosts();
    expect(await runsOf(host, id)).toEqual([]);
  });
});
