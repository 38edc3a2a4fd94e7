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
    await test.dataSource.query('DELETE FROM nestdock.module');
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
});
