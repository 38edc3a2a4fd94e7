import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../test/support/eventually.js';
import { JobsTest, never, untilAborted } from '../../test/support/jobs-test.js';
import { type JobContext } from '../sdk/index.js';

describe('what operators do with runs', () => {
  const test = new JobsTest();

  it('repeats a dead run as a new one, with its config, its time and its idempotency key', async () => {
    const host = test.startHost();
    const seen: unknown[] = [];
    let broken = true;
    const fields = { batch: { type: 'number', default: 1 } } as const;
    await host.serve('hello', {
      work: {
        retries: 1,
        backoff: { type: 'fixed', delay: 0 },
        config: fields,
        run: (context) => {
          const { job, idempotencyKey } = context as JobContext;
          seen.push([job.scheduledAt.toISOString(), job.config, idempotencyKey]);
          if (broken) throw new Error('broken');
          return 'mended';
        },
      },
    });
    const { id } = await host.service.run(await host.jobId('hello/work'), { config: { batch: 7 } });
    const dead = await test.reached(host, id, 'dead');
    expect(dead.attempts.map(({ error }) => error?.message)).toEqual(['broken', 'broken']);

    broken = false;
    const retry = await host.service.retry(id);
    expect(retry).toMatchObject({ status: 'queued', trigger: 'retry', retryOf: id, scheduledAt: dead.scheduledAt });
    expect(await test.reached(host, retry.id, 'succeeded')).toMatchObject({
      result: 'mended',
      attempts: [{ number: 1 }],
    });
    expect(seen).toEqual(Array.from({ length: 3 }, () => [dead.scheduledAt, { batch: 7 }, id]));
    expect((await host.service.getRun(id)).status).toBe('dead');
    expect(await host.service.get(dead.jobId)).toMatchObject({ lastRun: { id: retry.id } });
    await expect(host.service.retry(retry.id)).rejects.toMatchObject({ code: 'RUN_NOT_RETRIABLE', status: 409 });
  });

  it('does not repeat a run that is being repeated, or whose job cannot run', async () => {
    const host = test.startHost();
    const served = await host.serve('hello', { work: { retries: 0, run: untilAborted } });
    const { id } = await host.service.run(await host.jobId('hello/work'));
    await test.reached(host, id, 'running');
    await expect(host.service.retry(id)).rejects.toMatchObject({ code: 'RUN_NOT_RETRIABLE' });
    await host.service.cancel(id);
    const asked = await Promise.allSettled([host.service.retry(id), host.service.retry(id)]);
    expect(asked.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const repeated = asked.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.id] : []));
    await host.service.cancel(repeated[0] ?? '');
    await host.disable('hello');
    await served.unload();
    await expect(host.service.retry(id)).rejects.toMatchObject({ code: 'JOB_DISABLED' });
    await expect(host.service.retry('nothing')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });

  it('keeps a secret of the config sealed, shows it masked, and hands it to the handler', async () => {
    const host = test.startHost();
    const run = (context: unknown) => (context as JobContext).job.config['token'] === 'hunter2';
    await host.serve('hello', { work: { config: { token: { type: 'password' } }, run } });
    const jobId = await host.jobId('hello/work');
    const patched = await host.service.patch(jobId, { config: { token: 'hunter2' } });
    expect(patched).toMatchObject({ config: { token: '********' }, overrides: { config: { token: '********' } } });
    for (const request of [{}, { config: { token: 'hunter2' } }]) {
      const { id } = await host.service.run(jobId, request);
      expect((await test.reached(host, id, 'succeeded')).result).toBe(true);
    }
    const kept = await test.database.dataSource.query<object[]>(
      `SELECT config_override::text AS text FROM nestdock.job UNION ALL SELECT config::text FROM nestdock.run`,
    );
    expect(JSON.stringify(kept)).toContain('sealed');
    expect(JSON.stringify(kept)).not.toContain('hunter2');
  });

  it('lists the next times at which a job fires, as it is now', async () => {
    const host = test.startHost();
    const run = () => undefined;
    await host.serve('hello', { daily: { schedule: '30 2 * * *', timezone: 'Europe/Bucharest', run }, asked: { run } });
    const daily = await host.jobId('hello/daily');
    const { items } = await host.service.next(daily, { count: 400 });
    expect(items).toHaveLength(400);
    const local = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Bucharest', timeStyle: 'short' });
    expect(new Set(items.map((at) => local.format(new Date(at))))).toEqual(new Set(['02:30']));
    expect((await host.service.next(daily)).items).toEqual(items.slice(0, 5));
    await host.service.patch(daily, { schedule: '0 5 * * *', timezone: 'UTC' });
    expect((await host.service.next(daily)).items[0]).toMatch(/T05:00:00.000Z$/);
    await host.service.patch(daily, { paused: true });
    expect((await host.service.next(daily)).items).toEqual([]);
    expect((await host.service.next(await host.jobId('hello/asked'))).items).toEqual([]);
  });

  it('finds runs by module, job, status, trigger and time, page by page', async () => {
    const host = test.startHost();
    const fail = () => {
      throw new Error('no');
    };
    await host.serve('hello', { good: { run: () => 1 }, bad: { retries: 0, run: fail } });
    await host.serve('other', { bad: { retries: 0, run: fail } });
    const ids: string[] = [];
    for (const [path, status] of [
      ['hello/good', 'succeeded'],
      ['hello/bad', 'dead'],
      ['other/bad', 'dead'],
    ] as const) {
      const { id } = await host.service.run(await host.jobId(path));
      await test.reached(host, id, status);
      ids.push(id);
    }
    const [good, bad, other] = ids;
    const found = async (request: Parameters<typeof host.service.searchRuns>[0]) =>
      (await host.service.searchRuns(request)).items.map(({ id }) => id);
    expect(await found({})).toEqual([other, bad, good]);
    expect(await found({ module: 'hello' })).toEqual([bad, good]);
    expect(await found({ job: 'bad' })).toEqual([other, bad]);
    expect(await found({ job: await host.jobId('hello/good') })).toEqual([good]);
    expect(await found({ status: ['dead', 'skipped'], module: 'other' })).toEqual([other]);
    expect(await found({ trigger: ['schedule', 'catch-up'] })).toEqual([]);
    const { scheduledAt } = await host.service.getRun(bad ?? '');
    expect(await found({ from: new Date(scheduledAt) })).toEqual([other, bad]);
    expect(await found({ to: new Date(scheduledAt) })).toEqual([good]);
    const first = await host.service.searchRuns({ limit: 2 });
    expect(first).toMatchObject({ total: 3, items: [{ id: other, module: 'other' }, { id: bad }] });
    expect(await found({ limit: 2, cursor: first.nextCursor ?? '' })).toEqual([good]);
  });

  it('pauses and resumes all jobs of a module', async () => {
    const host = test.startHost();
    const job = { schedule: '0 3 * * *', run: () => undefined };
    await host.serve('hello', { a: job, b: job });
    await host.serve('other', { a: job });
    const armed = () => [...host.registry.getCronJobs().keys()];
    const { items } = await host.service.patchModule('hello', { paused: true });
    expect(items).toMatchObject([
      { key: 'a', paused: true, nextRunAt: null },
      { key: 'b', paused: true, nextRunAt: null },
    ]);
    expect(armed()).toEqual(['other/a']);
    await host.service.patchModule('hello', { paused: false });
    expect(armed().sort()).toEqual(['hello/a', 'hello/b', 'other/a']);
    await expect(host.service.patchModule('nobody', { paused: true })).rejects.toMatchObject({
      code: 'MODULE_NOT_FOUND',
    });
  });

  it('shows a handler that ignores its signal as stuck, on every host, until its module is reloaded', async () => {
    const [a, b] = [test.startHost(), test.startHost({ hostId: 'host-b' })];
    const job = { schedule: '* * * * * *', timeout: 20, retries: 0, run: never };
    const stuck = await a.serve('hello', { work: job });
    const jobId = await a.jobId('hello/work');
    await eventually(async () => expect(await b.service.get(jobId)).toMatchObject({ stuck: true }));
    const { items } = await b.service.searchRuns({ status: ['timed-out'] });
    expect(items).toMatchObject([{ stuck: true, attempts: [{ error: { code: 'RUN_TIMED_OUT' } }] }]);

    const asked = await b.service.run(jobId);
    // Nor may the other host begin a run beside it; ticks are skipped.
    const other = await b.serve('hello', { work: { ...job, run: () => 'on b' } });
    await eventually(async () => {
      const { total } = await b.service.searchRuns({ status: ['skipped'] });
      expect(total).toBeGreaterThanOrEqual(2);
    });
    expect((await b.service.getRun(asked.id)).status).toBe('queued');
    await stuck.unload(10);
    expect((await test.reached(a, asked.id, 'succeeded')).result).toBe('on b');
    expect(await a.service.get(jobId)).toMatchObject({ stuck: false });
    await other.unload();
  });
});
