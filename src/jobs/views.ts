import { maskSecrets } from '../manifest/index.js';
import {
  type Job,
  type Run,
  type RunAttempt,
  type RunLogLine,
  type RunProgress,
  type RunStatus,
  type RunTrigger,
} from '../persistence/index.js';
import { type LatestRun } from './run/run-queries.js';
import { effectiveConfig } from './job-config.js';

/** A run as clients see it: one tick or request with all its attempts. Times are ISO 8601. */
export interface RunView {
  readonly id: string;
  readonly jobId: string;
  /** The module's name. */
  readonly module: string;
  readonly status: RunStatus;
  readonly trigger: RunTrigger;
  /** The tick or request, not the moment the run started. */
  readonly scheduledAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly attempts: readonly RunAttempt[];
  readonly result: unknown;
  readonly progress: RunProgress | null;
  readonly log: readonly RunLogLine[];
  /** Digest of the release whose handler ran last; null until it has started. */
  readonly release: string | null;
  /** The run that an operator asked to repeat. */
  readonly retryOf: string | null;
  /** A handler of the run was told to stop, and goes on all the same. */
  readonly stuck: boolean;
  /** When it was asked for. */
  readonly createdAt: string;
}

/** What a job says of its latest run. */
export type LastRunView = Pick<RunView, 'id' | 'status' | 'trigger' | 'scheduledAt' | 'startedAt' | 'finishedAt'>;

/** A job as clients see it. */
export interface JobView {
  readonly id: string;
  /** The module's name. */
  readonly module: string;
  readonly key: string;
  readonly name: string;
  readonly description: string | null;
  /** The schedule in force; null where the job runs only when asked. */
  readonly schedule: string | null;
  readonly timezone: string;
  readonly enabled: boolean;
  readonly paused: boolean;
  readonly orphaned: boolean;
  /** The values in force; secrets are masked. */
  readonly config: Readonly<Record<string, unknown>>;
  /** What an operator has set over the manifest; null where nothing. */
  readonly overrides: {
    readonly schedule: string | null;
    readonly timezone: string | null;
    readonly config: Readonly<Record<string, unknown>> | null;
  };
  /** Milliseconds. */
  readonly timeout: number;
  readonly retries: number;
  readonly backoff: Job['backoff'];
  readonly overlap: Job['overlap'];
  readonly misfire: Job['misfire'];
  readonly whenDisabled: Job['whenDisabled'];
  /** A handler of the job was told to stop, and goes on all the same: a reload or disable of its module is rid of it. */
  readonly stuck: boolean;
  readonly nextRunAt: string | null;
  readonly lastRun: LastRunView | null;
}

export interface ListView<T> {
  readonly items: readonly T[];
  readonly total: number;
  readonly nextCursor: string | null;
}

export function jobView(job: Job, lastRun: LatestRun | undefined, stuck: boolean): JobView {
  const { scheduleOverride, timezoneOverride, configOverride } = job;
  return {
    id: job.id,
    module: job.module,
    key: job.key,
    name: job.name,
    description: job.description,
    schedule: scheduleOverride ?? job.schedule,
    timezone: timezoneOverride ?? job.timezone,
    enabled: job.enabled,
    paused: job.paused,
    orphaned: job.orphaned,
    config: maskSecrets(job.config, effectiveConfig(job.config, configOverride)),
    overrides: {
      schedule: scheduleOverride,
      timezone: timezoneOverride,
      config: configOverride && maskSecrets(job.config, configOverride),
    },
    timeout: job.timeout,
    retries: job.retries,
    backoff: job.backoff,
    overlap: job.overlap,
    misfire: job.misfire,
    whenDisabled: job.whenDisabled,
    stuck,
    nextRunAt: iso(job.nextRunAt),
    lastRun: lastRun ? lastRunView(lastRun) : null,
  };
}

export function runView(run: Run): RunView {
  return {
    ...lastRunView(run),
    jobId: run.jobId,
    module: run.module,
    attempts: run.attempts,
    result: run.result,
    progress: run.progress,
    log: run.log,
    release: run.release,
    retryOf: run.retryOf,
    stuck: run.stuckAt !== null,
    createdAt: run.createdAt.toISOString(),
  };
}

function lastRunView(run: LatestRun): LastRunView {
  return {
    id: run.id,
    status: run.status,
    trigger: run.trigger,
    scheduledAt: run.scheduledAt.toISOString(),
    startedAt: iso(run.startedAt),
    finishedAt: iso(run.finishedAt),
  };
}

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;
