import { expect, describe, it } from '@jest/globals';
import { JobsTest } from '../../../test/support/jobs-test.js';
import { Run, type RunStatus } from '../../persistence/index.js';
import { AttemptRecords } from './attempt-records.js';
import { RunRetention } from './run-retention.js';

const HOUR_MS = 3_600_000;

describe('the retention of runs', () => {
  const test = new JobsTest();

  async function jobWithRuns(runs: readonly { status?: RunStatus; hoursAgo: number }[]): Promise<string> {
    const host = test.startHost();
    await host.serve('hello', { work: { run: () => undefined } });
    const jobId = await host.jobId('hello/work');
    await test.stopHosts();
    const rows = runs.map(({ status = 'succeeded', hoursAgo }) => {
      const at = new Date(Date.now() - hoursAgo * HOUR_MS);
      const finishedAt = status === 'queued' || status === 'running' ? null : at;
      return { jobId, module: 'hello', trigger: 'manual' as const, status, scheduledAt: at, finishedAt };
    });
    await test.database.dataSource.manager.insert(Run, rows);
    return jobId;
  }

  const retention = (days: number, runsPerJob: number): RunRetention => {
    const { dataSource } = test.database;
    const fail = (error: unknown) => {
      throw error;
    };
    return new RunRetention(dataSource, new AttemptRecords(dataSource), { days, runsPerJob }, fail);
  };

  const hoursLeft = async () => {
    const runs = await test.database.dataSource.manager.find(Run, { order: { scheduledAt: 'DESC' } });
    return runs.map(({ scheduledAt }) => Math.round((Date.now() - scheduledAt.getTime()) / HOUR_MS));
  };

  it('removes what ended long ago, and nothing that has not ended', async () => {
    await jobWithRuns([
      { hoursAgo: 1 },
      { hoursAgo: 47 },
      { hoursAgo: 49 },
      { hoursAgo: 50, status: 'dead' },
      { hoursAgo: 51, status: 'queued' },
      { hoursAgo: 52, status: 'running' },
    ]);
    expect(await retention(2, 100).sweep()).toBe(2);
    expect(await hoursLeft()).toEqual([1, 47, 51, 52]);
  });

  it('keeps a run of long ago that was asked for again and has just ended', async () => {
    const jobId = await jobWithRuns([]);
    const scheduledAt = new Date(Date.now() - 100 * HOUR_MS);
    const row = { jobId, module: 'hello', trigger: 'retry', status: 'succeeded', scheduledAt } as const;
    await test.database.dataSource.manager.insert(Run, { ...row, finishedAt: new Date() });
    expect(await retention(2, 100).sweep()).toBe(0);
  });

  it('keeps so many of each job, and those of the last hour', async () => {
    await jobWithRuns([0, 0, 0, 2, 3, 4].map((hoursAgo) => ({ hoursAgo })));
    expect(await retention(30, 4).sweep()).toBe(2);
    expect(await hoursLeft()).toEqual([0, 0, 0, 2]);
    expect(await retention(30, 1).sweep()).toBe(1);
    expect(await hoursLeft()).toEqual([0, 0, 0]);
  });

  it('removes more than one batch, and shares the work with a host that sweeps at the same time', async () => {
    await jobWithRuns(Array.from({ length: 1_200 }, (_none, index) => ({ hoursAgo: 100 + index / 1_000 })));
    const removed = await Promise.all([retention(2, 5_000).sweep(), retention(2, 5_000).sweep()]);
    expect(removed[0] + removed[1]).toBe(1_200);
    expect(await hoursLeft()).toEqual([]);
  });

  it('takes back the marks of stuck handlers whose host is gone', async () => {
    await jobWithRuns([{ hoursAgo: 1 }, { hoursAgo: 2 }]);
    const { dataSource } = test.database;
    await dataSource.query(`UPDATE nestdock.run SET stuck_at = now() - interval '1 minute' * row
      FROM (SELECT id, row_number() OVER (ORDER BY scheduled_at DESC) - 1 AS row FROM nestdock.run) AS o WHERE o.id = run.id`);
    await retention(30, 100).sweep();
    const runs = await dataSource.manager.find(Run, { order: { scheduledAt: 'DESC' } });
    expect(runs.map(({ stuckAt }) => stuckAt !== null)).toEqual([true, false]);
  });
});
