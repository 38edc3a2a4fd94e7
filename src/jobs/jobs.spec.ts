import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { openTestDatabase, TEST_DATABASE_URL, type TestDatabase } from '../../test/support/database.js';
import { eventually } from '../../test/support/eventually.js';
import { JobsHost } from '../../test/support/jobs-host.js';
import { type JobContext } from '../sdk/index.js';
import { type RunView } from './index.js';

const KINDS = TEST_DATABASE_URL === undefined ? (['embedded'] as const) : (['embedded', 'postgres'] as const);

describe.each(KINDS)('jobs, %s', (kind) => {
  let test: TestDatabase;
  const hosts: JobsHost[] = [];

  const startHost = (options: ConstructorParameters<typeof JobsHost>[1] = {}): JobsHost => {
    const host = new JobsHost(test, options);
    hosts.push(host);
    host.jobs.start();
    return host;
  };

  const done = async (host: JobsHost, runId: string, status: RunView['status'], ms?: number): Promise<RunView> => {
    await eventually(async () => expect((await host.service.getRun(runId)).status).toBe(status), ms);
    return host.service.getRun(runId);
  };

  beforeAll(async () => {
    test = await openTestDatabase(kind);
  });

  afterEach(async () => {
    for (const host of hosts.splice(0)) {
      await host.jobs.stop();
      expect([...host.registry.getCronJobs().keys()]).toEqual([]);
    }
    await test.dataSource.query('DELETE FROM nestdock.job; DELETE FROM nestdock.module');
  });

  afterAll(() => test.close());

  it('runs a job when asked, with the manifest’s config under the operator’s under the run’s', async () => {
    const host = startHost();
    const seen: JobContext['job'][] = [];
    await host.serve('hello', {
      collect: {
        config: {
          a: { type: 'number', default: 1 },
          b: { type: 'number', default: 1 },
          c: { type: 'number', default: 1 },
        },
        run: (context) => {
          const { job, logger, ...rest } = context as JobContext;
          seen.push(job);
          logger.info('collecting', { from: 3 });
          rest.progress(50, 'half');
          return { collected: 3 };
        },
      },
    });
    const id = await host.jobId('hello/collect');
    await host.service.patch(id, { config: { b: 2, c: 2 } });
    const asked = await host.service.run(id, { config: { c: 3 } });
    expect(asked).toMatchObject({ jobId: id, status: 'queued', trigger: 'manual', attempts: [] });

    const run = await done(host, asked.id, 'succeeded');
    expect(seen).toEqual([
      {
        key: 'collect',
        runId: run.id,
        scheduledAt: new Date(run.scheduledAt),
        attempt: 1,
        config: { a: 1, b: 2, c: 3 },
      },
    ]);
    expect(run).toMatchObject({
      attempts: [{ number: 1, host: 'host-a', finishedAt: expect.any(String), error: null }],
      result: { collected: 3 },
      progress: { percent: 50, message: 'half' },
      log: [{ level: 'info', message: 'collecting', fields: { from: 3 } }],
      finishedAt: expect.any(String),
    });
    expect(await host.service.get(id)).toMatchObject({ lastRun: { id: run.id, status: 'succeeded' } });
  });

  it('retries with back-off, keeps every error with its stack, and ends dead', async () => {
    const host = startHost();
    await host.serve('hello', {
      fail: {
        retries: 2,
        backoff: { type: 'fixed', delay: 30 },
        run: (context) => {
          throw new Error(`attempt ${(context as JobContext).job.attempt} failed`);
        },
      },
    });
    const { id } = await host.service.run(await host.jobId('hello/fail'));
    const { attempts } = await done(host, id, 'dead');
    expect(attempts.map(({ number, error }) => [number, error])).toEqual(
      [1, 2, 3].map((number) => [
        number,
        { message: `attempt ${number} failed`, stack: expect.stringContaining('jobs.spec.ts') },
      ]),
    );
    const waited = Date.parse(attempts[1]?.startedAt ?? '') - Date.parse(attempts[0]?.finishedAt ?? '');
    expect(waited).toBeGreaterThanOrEqual(28);
  });

  it('aborts an attempt at its timeout, in milliseconds', async () => {
    const host = startHost();
    let reason: unknown;
    await host.serve('hello', {
      slow: {
        timeout: 50,
        retries: 0,
        run: (context) =>
          new Promise((_resolve, reject) => {
            const { signal } = context as JobContext;
            signal.addEventListener('abort', () => reject((reason = signal.reason as Error)));
          }),
      },
    });
    const { id } = await host.service.run(await host.jobId('hello/slow'));
    const run = await done(host, id, 'timed-out');
    expect(run.attempts).toMatchObject([{ error: { code: 'RUN_TIMED_OUT' } }]);
    expect(reason).toMatchObject({ name: 'AbortError', code: 'RUN_TIMED_OUT' });
  });

  it('gives up on a handler that ignores its signal, lets no other run of the job begin beside it, and keeps its slot free', async () => {
    const host = startHost({ concurrency: 1 });
    let calls = 0;
    const never = () => new Promise<void>(() => calls++);
    const stuck = await host.serve('stuck', { never: { timeout: 20, retries: 0, run: never } });
    await host.serve('hello', { greet: { run: () => 'hi' } });
    const never1 = await host.service.run(await host.jobId('stuck/never'));
    const never2 = await host.service.run(await host.jobId('stuck/never'));

    expect((await done(host, never1.id, 'timed-out')).attempts[0]?.error?.message).toContain('ignored the signal');
    await done(host, (await host.service.run(await host.jobId('hello/greet'))).id, 'succeeded');
    expect((await host.service.getRun(never2.id)).status).toBe('queued');
    expect(calls).toBe(1);

    await stuck.unload(10);
    await host.serve('stuck', { never: { timeout: 20, retries: 0, run: () => 'well' } });
    await done(host, never2.id, 'succeeded');
  });

  it('lets no module keep another one waiting, however much it asks for', async () => {
    const host = startHost({ concurrency: 3 });
    let finish = () => {};
    const gate = new Promise<void>((resolve) => (finish = resolve));
    await host.serve('flood', { wait: { overlap: 'allow', run: () => gate } });
    await host.serve('hello', { greet: { run: () => 'hi' } });
    const flood = await host.jobId('flood/wait');
    for (let count = 0; count < 12; count++) await host.service.run(flood);
    const { id } = await host.service.run(await host.jobId('hello/greet'));
    await done(host, id, 'succeeded');
    const { items } = await host.service.searchRuns({ job: flood, status: ['running'] });
    expect(items).toHaveLength(2);
    finish();
    await eventually(async () => {
      expect((await host.service.searchRuns({ job: flood, status: ['succeeded'] })).total).toBe(12);
    });
  });

  it('cancels a queued run, and one that runs on another host', async () => {
    const [a, b] = [startHost(), startHost({ hostId: 'host-b' })];
    let aborted: unknown;
    await a.serve('hello', {
      wait: {
        run: (context) =>
          new Promise((_resolve, reject) => {
            const { signal } = context as JobContext;
            signal.addEventListener('abort', () => reject((aborted = signal.reason as Error)));
          }),
      },
    });
    const jobId = await a.jobId('hello/wait');
    const running = await a.service.run(jobId);
    await done(a, running.id, 'running');
    const queued = await a.service.run(jobId);
    expect(await b.service.cancel(queued.id)).toMatchObject({ status: 'cancelled', attempts: [] });
    expect(await b.service.cancel(running.id)).toMatchObject({
      status: 'cancelled',
      attempts: [{ error: { code: 'RUN_CANCELLED' } }],
    });
    await eventually(() => expect(aborted).toMatchObject({ code: 'RUN_CANCELLED' }), 2_000);
    await expect(b.service.cancel(running.id)).rejects.toMatchObject({ code: 'RUN_FINISHED' });
    expect((await a.service.getRun(running.id)).status).toBe('cancelled');
  });

  it('makes one run of each tick, on however many hosts it fires', async () => {
    const [a, b] = [startHost(), startHost({ hostId: 'host-b' })];
    const ran: string[] = [];
    const run = (context: unknown) => void ran.push((context as JobContext).job.scheduledAt.toISOString());
    for (const host of [a, b]) await host.serve('hello', { tick: { schedule: '* * * * * *', overlap: 'allow', run } });
    expect([...a.registry.getCronJobs().keys()]).toEqual(['hello/tick']);
    const id = await a.jobId('hello/tick');
    await eventually(() => expect(new Set(ran).size).toBeGreaterThanOrEqual(3));
    await a.service.patch(id, { paused: true });

    const { items } = await a.service.runs(id, { limit: 500 });
    expect(new Set(items.map(({ scheduledAt }) => scheduledAt)).size).toBe(items.length);
    expect(new Set(ran).size).toBe(ran.length);
    const times = items.map(({ scheduledAt }) => Date.parse(scheduledAt) / 1000).reverse();
    expect(times).toEqual(times.map((_time, index) => (times[0] ?? 0) + index));
    // A host that has just come up may make up for a tick that another is about to answer: it is one run all the same.
    for (const { trigger } of items) expect(['schedule', 'catch-up']).toContain(trigger);
  });

  it('skips a tick while an earlier run goes on, and says so', async () => {
    const host = startHost();
    let finish = () => {};
    const gate = new Promise<void>((resolve) => (finish = resolve));
    await host.serve('hello', { slow: { schedule: '* * * * * *', run: () => gate } });
    const id = await host.jobId('hello/slow');
    await eventually(async () => {
      const statuses = (await host.service.runs(id)).items.map(({ status }) => status);
      expect(statuses.filter((status) => status === 'skipped').length).toBeGreaterThanOrEqual(1);
      expect(statuses.filter((status) => status !== 'skipped')).toEqual(['running']);
    });
    finish();
  });

  it('lets operators pause, override and take back, at once and for good', async () => {
    const host = startHost();
    const job = {
      schedule: '0 3 * * *',
      config: { size: { type: 'number', default: 5, min: 1 } },
      run: () => 1,
    } as const;
    const first = await host.serve('hello', { collect: job });
    const id = await host.jobId('hello/collect');
    const source = () => host.registry.getCronJob('hello/collect').cronTime.source;
    expect(source()).toBe('0 3 * * *');
    expect(await host.service.get(id)).toMatchObject({ nextRunAt: expect.stringMatching(/T03:00:00.000Z$/) });

    const patched = await host.service.patch(id, {
      schedule: '0 4 * * *',
      timezone: 'Europe/Bucharest',
      config: { size: 9 },
    });
    expect(patched).toMatchObject({ schedule: '0 4 * * *', timezone: 'Europe/Bucharest', config: { size: 9 } });
    expect(patched.nextRunAt).toMatch(/T0[12]:00:00.000Z$/);
    expect(source()).toBe('0 4 * * *');
    expect(await host.service.patch(id, { paused: true })).toMatchObject({ paused: true, nextRunAt: null });
    expect([...host.registry.getCronJobs().keys()]).toEqual([]);

    await host.serve('hello', { collect: job });
    await first.unload();
    expect(await host.service.get(id)).toMatchObject({ paused: true, schedule: '0 4 * * *', config: { size: 9 } });
    expect([...host.registry.getCronJobs().keys()]).toEqual([]);

    await host.service.patch(id, { paused: false, schedule: null, timezone: null, config: null });
    expect(await host.service.get(id)).toMatchObject({ schedule: '0 3 * * *', timezone: 'UTC', config: { size: 5 } });
    expect(source()).toBe('0 3 * * *');
    await expect(host.service.patch(id, { schedule: 'often' })).rejects.toMatchObject({ code: 'SCHEDULE_INVALID' });
    await expect(host.service.patch(id, { timezone: 'Mars' })).rejects.toMatchObject({ code: 'TIMEZONE_INVALID' });
    await expect(host.service.patch(id, { config: { size: 0, siz: 1 } })).rejects.toMatchObject({
      code: 'JOB_CONFIG_INVALID',
      problems: [{ pointer: '/config/size' }, { pointer: '/config/siz' }],
    });
    await expect(host.service.run(id, { config: { size: 'x' } })).rejects.toMatchObject({ code: 'JOB_CONFIG_INVALID' });
  });

  it('orphans a job that a new version names no longer, and disables those of a disabled module', async () => {
    const host = startHost();
    const job = { schedule: '0 3 * * *', run: () => 1 };
    const first = await host.serve('hello', { old: job, kept: job });
    const old = await host.jobId('hello/old');
    const second = await host.serve('hello', { kept: job });
    await first.unload();
    expect([...host.registry.getCronJobs().keys()]).toEqual(['hello/kept']);
    expect(await host.service.get(old)).toMatchObject({ orphaned: true, enabled: false, nextRunAt: null });
    await expect(host.service.run(old)).rejects.toMatchObject({ code: 'JOB_ORPHANED', status: 409 });

    await host.disable('hello');
    await second.unload();
    expect([...host.registry.getCronJobs().keys()]).toEqual([]);
    const kept = await host.jobId('hello/kept');
    expect(await host.service.get(kept)).toMatchObject({ orphaned: false, enabled: false, nextRunAt: null });
    await expect(host.service.run(kept)).rejects.toMatchObject({ code: 'JOB_DISABLED', status: 409 });
    await expect(host.service.run('no-id')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    await expect(host.service.getRun(old)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });

  it('takes an attempt up again with the new generation where the old one had to go', async () => {
    const host = startHost();
    const first = await host.serve('hello', {
      work: {
        run: (context) =>
          new Promise((_resolve, reject) => {
            const { signal } = context as JobContext;
            signal.addEventListener('abort', () => reject(signal.reason as Error));
          }),
      },
    });
    const { id } = await host.service.run(await host.jobId('hello/work'));
    await done(host, id, 'running');
    await host.serve('hello', { work: { run: () => 'new code' } });
    await first.unload(10);
    expect(await done(host, id, 'succeeded')).toMatchObject({
      result: 'new code',
      attempts: [{ error: { code: 'MODULE_UNLOADED' } }, { error: null }],
    });
  });

  it('holds a run back until a host serves its module, and skips it where that is disabled', async () => {
    const host = startHost();
    const served = await host.serve('hello', { work: { run: () => 'done' } });
    const jobId = await host.jobId('hello/work');
    await served.unload();
    const { id } = await host.service.run(jobId);
    await host.serve('hello', { work: { run: () => 'done' } });
    await done(host, id, 'succeeded');

    const other = await host.serve('other', { work: { run: () => 'done' } });
    await other.unload();
    const skipped = await host.service.run(await host.jobId('other/work'));
    await host.disable('other');
    expect(await done(host, skipped.id, 'skipped')).toMatchObject({ attempts: [] });
  });

  it('gives what runs to another host when it stops, within its deadline', async () => {
    const a = startHost({ drainTimeoutMs: 50 });
    const run = (context: unknown) =>
      new Promise((_resolve, reject) => {
        const { signal } = context as JobContext;
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    await a.serve('hello', { work: { run } });
    const { id } = await a.service.run(await a.jobId('hello/work'));
    await done(a, id, 'running');
    await a.jobs.stop();
    const b = startHost({ hostId: 'host-b' });
    await b.serve('hello', { work: { run: () => 'finished' } });
    expect((await done(b, id, 'succeeded')).attempts).toMatchObject([
      { host: 'host-a', error: { code: 'HOST_STOPPING' } },
      { host: 'host-b', error: null },
    ]);
  });

  it('pages through the runs of a job, the latest first', async () => {
    const host = startHost();
    await host.serve('hello', { work: { run: () => 'done' } });
    const jobId = await host.jobId('hello/work');
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) ids.unshift((await host.service.run(jobId)).id);
    const first = await host.service.runs(jobId, { limit: 2 });
    expect(first).toMatchObject({ total: 3, nextCursor: expect.any(String) });
    const second = await host.service.runs(jobId, { limit: 2, cursor: first.nextCursor ?? '' });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids);
    expect(second.nextCursor).toBeNull();
    await expect(host.service.runs(jobId, { cursor: 'x' })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it('refuses jobs that cannot be set up, all at once', async () => {
    const host = startHost();
    const run = () => 1;
    await expect(
      host.serve('hello', {
        a: { schedule: 'x', run },
        b: { timeout: 90_000_000, run },
        c: { timezone: 'X', schedule: '* * * * *', run },
      }),
    ).rejects.toMatchObject({
      code: 'JOBS_INVALID',
      problems: [{ pointer: '/jobs/a/schedule' }, { pointer: '/jobs/b' }, { pointer: '/jobs/c/timezone' }],
    });
  });
});
