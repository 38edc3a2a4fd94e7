import { type Provider } from '@nestjs/common';
import { NestdockError } from '../../src/common/errors/nestdock-error.js';
import { JobsService, type JobView, type RunView } from '../../src/jobs/index.js';

type Jobs = Pick<
  JobsService,
  'list' | 'get' | 'patch' | 'patchModule' | 'next' | 'run' | 'runs' | 'searchRuns' | 'getRun' | 'cancel' | 'retry'
>;

export const JOB_ID = '018f0000-0000-7000-8000-000000000001';
export const RUN_ID = '018f0000-0000-7000-8000-000000000002';

/** One job with one run, behind the interface that the admin API calls; every call is written down as it came. */
export class FakeJobs {
  readonly calls: unknown[][] = [];

  get provider(): Provider {
    const jobs: Jobs = {
      list: async (filter = {}) => {
        this.calls.push(['list', { ...filter }]);
        return { items: [job], total: 1, nextCursor: null };
      },
      get: async (id) => known(id, JOB_ID, 'JOB_NOT_FOUND', job),
      patch: async (id, patch) => {
        this.calls.push(['patch', { ...patch }]);
        return known(id, JOB_ID, 'JOB_NOT_FOUND', { ...job, paused: patch.paused ?? false });
      },
      patchModule: async (module, patch) => {
        this.calls.push(['patchModule', module, { ...patch }]);
        return { items: [job], total: 1, nextCursor: null };
      },
      next: async (id, query = {}) => {
        this.calls.push(['next', { ...query }]);
        return known(id, JOB_ID, 'JOB_NOT_FOUND', { items: [run.scheduledAt], total: 1, nextCursor: null });
      },
      run: async (id, request) => {
        this.calls.push(['run', request && { ...request }]);
        return known(id, JOB_ID, 'JOB_NOT_FOUND', run);
      },
      runs: async (id, page) => {
        this.calls.push(['runs', { ...page }]);
        return known(id, JOB_ID, 'JOB_NOT_FOUND', { items: [run], total: 9, nextCursor: 'next' });
      },
      searchRuns: async (request = {}) => {
        this.calls.push(['searchRuns', { ...request }]);
        return { items: [run], total: 9, nextCursor: 'next' };
      },
      retry: async (id) => {
        this.calls.push(['retry', id]);
        return known(id, RUN_ID, 'RUN_NOT_FOUND', { ...run, trigger: 'retry', retryOf: id });
      },
      getRun: async (id) => known(id, RUN_ID, 'RUN_NOT_FOUND', run),
      cancel: async (id) => {
        this.calls.push(['cancel', id]);
        return known(id, RUN_ID, 'RUN_NOT_FOUND', { ...run, status: 'cancelled' });
      },
    };
    return { provide: JobsService, useValue: jobs };
  }
}

function known<T>(id: string, expected: string, code: 'JOB_NOT_FOUND' | 'RUN_NOT_FOUND', value: T): T {
  if (id === expected) return value;
  throw new NestdockError(code, `nothing has the id "${id}"`);
}

const job: JobView = {
  id: JOB_ID,
  module: 'hello',
  key: 'tick',
  name: 'Tick',
  description: null,
  schedule: '* * * * *',
  timezone: 'UTC',
  enabled: true,
  paused: false,
  orphaned: false,
  config: {},
  overrides: { schedule: null, timezone: null, config: null },
  timeout: 1000,
  retries: 0,
  backoff: { type: 'fixed', delay: 1000, jitter: 0 },
  overlap: 'skip',
  misfire: 'run-once',
  whenDisabled: 'skip',
  stuck: false,
  nextRunAt: null,
  lastRun: null,
};

const run: RunView = {
  id: RUN_ID,
  jobId: JOB_ID,
  module: 'hello',
  status: 'queued',
  trigger: 'manual',
  scheduledAt: '2026-01-01T00:00:00.000Z',
  startedAt: null,
  finishedAt: null,
  attempts: [],
  result: null,
  progress: null,
  log: [],
  release: null,
  retryOf: null,
  stuck: false,
  createdAt: '2026-01-01T00:00:00.000Z',
};
