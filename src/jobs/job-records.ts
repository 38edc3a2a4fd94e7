import { type DataSource, type EntityManager, type FindOptionsWhere, In, MoreThanOrEqual, Not } from 'typeorm';
import { type Manifest, type ManifestBackoff, type ManifestJob } from '../manifest/index.js';
import { Job, type JobBackoff, Module } from '../persistence/index.js';
import { CronSchedule } from './schedule/cron-schedule.js';

const DEFAULT_TIMEZONE = 'UTC';
const DEFAULT_TIMEOUT_MS = 300_000;
const DEFAULT_RETRIES = 3;
const DEFAULT_DELAY_MS = 1_000;
const DEFAULT_JITTER = 0.25;

/** What the manifest says of a job, its defaults filled in. */
export type JobDescription = Pick<
  Job,
  | 'key'
  | 'name'
  | 'description'
  | 'handler'
  | 'schedule'
  | 'timezone'
  | 'timeout'
  | 'retries'
  | 'backoff'
  | 'overlap'
  | 'misfire'
  | 'whenDisabled'
  | 'config'
>;

export function describeJob(key: string, job: ManifestJob): JobDescription {
  return {
    key,
    name: job.name ?? key,
    description: job.description ?? null,
    handler: job.handler,
    schedule: job.schedule ?? null,
    timezone: job.timezone ?? DEFAULT_TIMEZONE,
    timeout: job.timeout ?? DEFAULT_TIMEOUT_MS,
    retries: job.retries ?? DEFAULT_RETRIES,
    backoff: describeBackoff(job.backoff),
    overlap: job.overlap ?? 'skip',
    misfire: job.misfire ?? 'run-once',
    whenDisabled: job.whenDisabled ?? 'skip',
    config: job.config ?? {},
  };
}

function describeBackoff({ type, delay, jitter }: ManifestBackoff = { type: 'exponential' }): JobBackoff {
  return {
    type,
    delay: delay ?? DEFAULT_DELAY_MS,
    jitter: jitter ?? (type === 'exponential' ? DEFAULT_JITTER : 0),
  };
}

/** When the job fires: the operator's word goes before the manifest's. undefined: only when asked. */
export function scheduleOf(
  job: Pick<Job, 'schedule' | 'scheduleOverride' | 'timezone' | 'timezoneOverride'>,
): CronSchedule | undefined {
  const expression = job.scheduleOverride ?? job.schedule;
  return expression === null ? undefined : CronSchedule.parse(expression, job.timezoneOverride ?? job.timezone);
}

/** Whether a host that serves the module arms the job's schedule. */
export const isArmed = (job: Pick<Job, 'enabled' | 'paused'>): boolean => job.enabled && !job.paused;

type Timing = Pick<Job, 'enabled' | 'paused' | 'schedule' | 'scheduleOverride' | 'timezone' | 'timezoneOverride'>;

/** Whether the ticks that were due before a change are those that are due after it: else there is nothing to miss. */
function goesOn(before: Timing, after: Timing): boolean {
  const timing = (job: Timing) => [
    isArmed(job),
    job.scheduleOverride ?? job.schedule,
    job.timezoneOverride ?? job.timezone,
  ];
  return isArmed(before) && timing(before).join('\n') === timing(after).join('\n');
}

export function nextRunAt(job: Job, after = new Date()): Date | null {
  return isArmed(job) ? (scheduleOf(job)?.next(after) ?? null) : null;
}

function alter(job: Job, change: (job: Job) => void): void {
  const before = { ...job };
  const now = new Date();
  change(job);
  if (!goesOn(before, job)) job.answeredUntil = now;
  job.nextRunAt = nextRunAt(job, now);
}

/** The rows of jobs: what the manifest says of them, and what operators do. */
export class JobRecords {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Writes what the module's manifest says. What operators have set stays; jobs that it names no longer are orphaned.
   * @returns the jobs that it names, as they are now.
   */
  async record(transaction: EntityManager, manifest: Manifest): Promise<Job[]> {
    const { name: module } = manifest;
    const descriptions = Object.entries(manifest.jobs ?? {}).map(([key, job]) => describeJob(key, job));
    const keys = descriptions.map(({ key }) => key);
    const earlier = await this.#lock(transaction, { module });
    await transaction.update(
      Job,
      { module, ...(keys.length > 0 && { key: Not(In(keys)) }) },
      { enabled: false, orphaned: true, nextRunAt: null },
    );
    if (descriptions.length === 0) return [];
    for (const description of descriptions) {
      const row: object = { ...description, module, enabled: true, orphaned: false };
      await transaction.upsert(Job, row, ['module', 'key']);
    }
    const jobs = await transaction.find(Job, { where: { module, key: In(keys) }, order: { key: 'ASC' } });
    const now = new Date();
    for (const job of jobs) {
      const before = earlier.get(job.id);
      if (!before || !goesOn(before, job)) job.answeredUntil = now;
      job.nextRunAt = nextRunAt(job, now);
      const { answeredUntil, nextRunAt: next } = job;
      await transaction.update(Job, { id: job.id }, { answeredUntil, nextRunAt: next });
    }
    return jobs;
  }

  /** The module is disabled: its jobs stay, and fire no more. */
  async withdraw(transaction: EntityManager, module: string): Promise<void> {
    await this.#lock(transaction, { module });
    await transaction.update(Job, { module }, { enabled: false, nextRunAt: null });
  }

  /** The module is gone, and its jobs stay with what operators have set, for when it is back. */
  async orphan(transaction: EntityManager, module: string): Promise<void> {
    await transaction.update(Job, { module }, { orphaned: true });
  }

  /** Its jobs go for good, and their runs with them. */
  async remove(transaction: EntityManager, module: string): Promise<void> {
    await this.#lock(transaction, { module });
    await transaction.delete(Job, { module });
  }

  find(id: string): Promise<Job | null> {
    return this.dataSource.manager.findOneBy(Job, { id });
  }

  list(module?: string): Promise<Job[]> {
    return this.dataSource.manager.find(Job, {
      where: module === undefined ? {} : { module },
      order: { module: 'ASC', key: 'ASC' },
    });
  }

  /** The jobs of these modules that were changed at that time, by the database's clock, or later; all where it is absent. */
  changed(modules: readonly string[], since?: Date): Promise<Job[]> {
    const recent = since && { updatedAt: MoreThanOrEqual(since) };
    return this.dataSource.manager.findBy(Job, { module: In(modules), orphaned: false, ...recent });
  }

  /** Changes a row that nobody else changes meanwhile; undefined where there is none. */
  change(id: string, change: (job: Job) => void): Promise<Job | undefined> {
    return this.dataSource.transaction(async (transaction) => {
      const job = await transaction.findOne(Job, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (!job) return undefined;
      alter(job, change);
      return transaction.save(Job, job);
    });
  }

  /** The same for all jobs of a module. */
  changeAll(module: string, change: (job: Job) => void): Promise<Job[]> {
    return this.dataSource.transaction(async (transaction) => {
      const jobs = [...(await this.#lock(transaction, { module })).values()];
      for (const job of jobs) alter(job, change);
      return transaction.save(Job, jobs);
    });
  }

  /** These jobs by id, as they are until the transaction ends: whatever else is asked of them meanwhile waits. */
  async lock(transaction: EntityManager, ids: readonly string[]): Promise<ReadonlyMap<string, Job>> {
    return this.#lock(transaction, { id: In([...new Set(ids)]) });
  }

  moduleExists(name: string): Promise<boolean> {
    return this.dataSource.manager.existsBy(Module, { name });
  }

  /** Always in the same order, so that no two wait for one another. */
  async #lock(transaction: EntityManager, where: FindOptionsWhere<Job>): Promise<ReadonlyMap<string, Job>> {
    const lock = { mode: 'pessimistic_write' } as const;
    const jobs = await transaction.find(Job, { where, order: { id: 'ASC' }, lock });
    return new Map(jobs.map((job) => [job.id, job]));
  }
}
