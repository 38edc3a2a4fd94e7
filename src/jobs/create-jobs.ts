import { type SchedulerRegistry } from '@nestjs/schedule';
import { type DataSource } from 'typeorm';
import { type Logger } from '../common/logging/logger.js';
import { type EventBus } from '../kernel/index.js';
import { type HostDatabase } from '../persistence/index.js';
import { JobEngine } from './engine/job-engine.js';
import { JobRecords } from './job-records.js';
import { type JobSecrets } from './job-secrets.js';
import { JobSchedules } from './job-schedules.js';
import { JobsCapability } from './jobs.capability.js';
import { JobsService } from './jobs.service.js';
import { RunAbort } from './run/abort-reason.js';
import { AttemptRecords } from './run/attempt-records.js';
import { Executions } from './run/executions.js';
import { RunQueries } from './run/run-queries.js';
import { type RetentionPolicy, RunRetention } from './run/run-retention.js';
import { RunRecords } from './run/run-records.js';
import { RunSender } from './run/run-sender.js';
import { RunWorker } from './run/run-worker.js';
import { CronTicks } from './schedule/cron-ticks.js';
import { ServingJobs } from './serving-jobs.js';
import { TickSender } from './tick-sender.js';

export interface JobsOptions {
  /** Names this host in the attempts of runs. */
  readonly hostId: string;
  /** Milliseconds that runs in flight have to end when the host stops. */
  readonly drainTimeoutMs: number;
  /** Runs at the same time on this host. */
  readonly concurrency: number;
  /** Schema of the queue's own tables. */
  readonly schema: string;
  readonly retention: RetentionPolicy;
}

export interface JobsSurroundings {
  readonly database: HostDatabase;
  readonly dataSource: DataSource;
  readonly registry: SchedulerRegistry;
  readonly logger: Logger;
  readonly events: EventBus;
  readonly secrets: JobSecrets;
}

/** All of this folder, put together. */
export interface Jobs {
  readonly capability: JobsCapability;
  readonly service: JobsService;
  /** Takes up work; returns at once, as the queue may need a moment, and what is asked of it meanwhile waits. */
  start(): void;
  /** Takes no more work, waits for what runs, aborts what is left, and lets go of everything. */
  stop(): Promise<void>;
}

/** Milliseconds that aborted handlers have to end, and their outcomes to be written. */
const ABORT_GRACE_MS = 1_500;

export function createJobs(options: JobsOptions, surroundings: JobsSurroundings): Jobs {
  const { database, dataSource, registry, logger, events, secrets } = surroundings;
  const onError = (error: unknown) => logger.error({ err: error }, 'Jobs: the database did not do as it was asked');
  const records = new JobRecords(dataSource);
  const runs = new RunRecords(dataSource);
  const attempts = new AttemptRecords(dataSource);
  const queries = new RunQueries(dataSource);
  const engine = new JobEngine(database, {
    schema: options.schema,
    concurrency: options.concurrency,
    onError,
    onWarning: (message, data) => logger.warn({ data }, message),
  });
  const sender = new RunSender(dataSource, records, runs, engine, events);
  const tickSender = new TickSender(sender, logger);
  const serving = new ServingJobs();
  const schedules = new JobSchedules(
    new CronTicks(registry),
    tickSender,
    records,
    () => serving.modules,
    (modules) => sender.releaseHeld(modules),
    onError,
  );
  const retention = new RunRetention(dataSource, attempts, options.retention, onError);
  const executions = new Executions(attempts, onError);
  const worker = new RunWorker(
    options.hostId,
    dataSource,
    runs,
    attempts,
    engine,
    serving,
    executions,
    events,
    secrets,
    logger,
  );

  return {
    capability: new JobsCapability(records, runs, serving, schedules, executions),
    service: new JobsService(records, runs, queries, sender, schedules, serving, executions, events, secrets),
    start() {
      schedules.start();
      retention.start();
      engine.work(worker.handle).catch(onError);
    },
    async stop() {
      await retention.stop();
      await schedules.stop();
      await tickSender.stop();
      await engine.stopIntake();
      await executions.idle(options.drainTimeoutMs);
      executions.abortAll(new RunAbort('HOST_STOPPING', 'the host stops'));
      await executions.idle(ABORT_GRACE_MS);
      await executions.rest();
      await executions.forgetAll();
      await engine.stop();
    },
  };
}
