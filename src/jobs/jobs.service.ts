import { type EntityManager, In } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type EventBus } from '../kernel/index.js';
import { type Job, Run, type RunStatus, type RunTrigger } from '../persistence/index.js';
import { mergeOverride } from './job-config.js';
import { isArmed, type JobRecords, scheduleOf } from './job-records.js';
import { type JobSchedules } from './job-schedules.js';
import { type JobSecrets } from './job-secrets.js';
import { pageCursor, parsePageCursor } from './page-cursor.js';
import { cancelled, type Executions } from './run/executions.js';
import { publishRun } from './run/run-events.js';
import { type RunFilter, type RunQueries } from './run/run-queries.js';
import { type RunRecords } from './run/run-records.js';
import { type RequestedRun, type RunSender } from './run/run-sender.js';
import { type ServingJobs } from './serving-jobs.js';
import { type JobView, jobView, type ListView, type RunView, runView } from './views.js';

/** What an operator changes; null takes an override back. Absent: left as it is. */
export interface JobPatch {
  readonly paused?: boolean;
  readonly schedule?: string | null;
  readonly timezone?: string | null;
  /** Values by field, merged into those set before; a field that is null takes that one back. */
  readonly config?: Readonly<Record<string, unknown>> | null;
}

export interface RunPageRequest {
  /** 1 to 500; 50 where absent. */
  readonly limit?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

export interface RunSearchRequest extends RunPageRequest {
  /** The module's name. */
  readonly module?: string;
  /** The job's id, or its key. */
  readonly job?: string;
  /** Any of these. */
  readonly status?: readonly RunStatus[];
  readonly trigger?: readonly RunTrigger[];
  /** Scheduled at this moment or later. */
  readonly from?: Date;
  /** Scheduled before this moment. */
  readonly to?: Date;
}

const DEFAULT_PAGE = 50;
const LARGEST_PAGE = 500;
const DEFAULT_FIRES = 5;
/** How a run has ended that an operator may ask to repeat. */
const RETRIABLE: readonly RunStatus[] = ['dead', 'timed-out', 'cancelled', 'skipped'];

/** What operators do with jobs and runs. */
export class JobsService {
  constructor(
    private readonly jobs: JobRecords,
    private readonly runRecords: RunRecords,
    private readonly queries: RunQueries,
    private readonly sender: RunSender,
    private readonly schedules: JobSchedules,
    private readonly serving: ServingJobs,
    private readonly executions: Executions,
    private readonly events: EventBus,
    private readonly secrets: JobSecrets,
  ) {}

  /** Jobs by module and key; those of one module where it is named. */
  async list({ module }: { readonly module?: string } = {}): Promise<ListView<JobView>> {
    return this.#views(await this.jobs.list(module));
  }

  /** @throws {NestdockError} JOB_NOT_FOUND */
  async get(id: string): Promise<JobView> {
    return this.#view(await this.#job(id));
  }

  /**
   * Takes effect at once on this host, and within seconds on the others.
   * @throws {NestdockError} JOB_NOT_FOUND, SCHEDULE_INVALID, TIMEZONE_INVALID, JOB_CONFIG_INVALID
   */
  async patch(id: string, { paused, schedule, timezone, config }: JobPatch): Promise<JobView> {
    const changed = await this.jobs.change(uuidOr(id, jobNotFound), (job) => {
      if (paused !== undefined) job.paused = paused;
      if (schedule !== undefined) job.scheduleOverride = schedule;
      if (timezone !== undefined) job.timezoneOverride = timezone;
      if (config !== undefined) {
        job.configOverride =
          config === null ? null : mergeOverride(job.config, job.configOverride, config, this.secrets.boxOf(job));
      }
      // Also where the job is paused, or its module disabled: what cannot fire is refused, not kept for later.
      scheduleOf({ ...job, schedule: job.schedule ?? ANY_SCHEDULE });
    });
    if (!changed) throw jobNotFound(id);
    this.#changed(changed);
    return this.#view(changed);
  }

  /**
   * Pauses or resumes all jobs of a module.
   * @throws {NestdockError} MODULE_NOT_FOUND
   */
  async patchModule(module: string, { paused }: { readonly paused: boolean }): Promise<ListView<JobView>> {
    const changed = await this.jobs.changeAll(module, (job) => {
      job.paused = paused;
    });
    if (changed.length === 0 && !(await this.jobs.moduleExists(module))) {
      throw new NestdockError('MODULE_NOT_FOUND', `no module is named "${module}"`);
    }
    for (const job of changed) this.#changed(job);
    return this.#views(changed.sort((a, b) => (a.key < b.key ? -1 : 1)));
  }

  /**
   * The next times at which the job's schedule fires; none where the job is paused, disabled or has no schedule.
   * @throws {NestdockError} JOB_NOT_FOUND
   */
  async next(id: string, { count = DEFAULT_FIRES }: { readonly count?: number } = {}): Promise<ListView<string>> {
    const job = await this.#job(id);
    const schedule = isArmed(job) ? scheduleOf(job) : undefined;
    const items: string[] = [];
    for (let tick = schedule?.next(new Date()); tick && items.length < count; tick = schedule?.next(tick)) {
      items.push(tick.toISOString());
    }
    return { items, total: items.length, nextCursor: null };
  }

  /**
   * Asks for a run now, also of a job that is paused.
   * @throws {NestdockError} JOB_NOT_FOUND, JOB_ORPHANED, JOB_DISABLED, JOB_CONFIG_INVALID
   */
  async run(id: string, { config }: { readonly config?: Readonly<Record<string, unknown>> } = {}): Promise<RunView> {
    const run = await this.sender.sendRequest(uuidOr(id, jobNotFound), (job) => {
      assertRunnable(job);
      return {
        trigger: 'manual',
        config: config ? mergeOverride(job.config, null, config, this.secrets.boxOf(job)) : null,
      };
    });
    return runView(run);
  }

  /**
   * The job's runs, the latest first.
   * @throws {NestdockError} JOB_NOT_FOUND, REQUEST_INVALID
   */
  async runs(jobId: string, page: RunPageRequest = {}): Promise<ListView<RunView>> {
    const job = await this.#job(jobId);
    return this.#page({ jobId: job.id }, page);
  }

  /**
   * Runs of all jobs that fit all of what is given, the latest first.
   * @throws {NestdockError} REQUEST_INVALID
   */
  searchRuns({ job, status, trigger, limit, cursor, ...rest }: RunSearchRequest = {}): Promise<ListView<RunView>> {
    const filter = {
      ...rest,
      ...(job !== undefined && (isUuid(job) ? { jobId: job } : { jobKey: job })),
      ...(status && { statuses: status }),
      ...(trigger && { triggers: trigger }),
    };
    return this.#page(filter, { ...(limit !== undefined && { limit }), ...(cursor !== undefined && { cursor }) });
  }

  /** @throws {NestdockError} RUN_NOT_FOUND */
  async getRun(id: string): Promise<RunView> {
    return runView(await this.#run(id));
  }

  /**
   * Asks for a new run that does what one without success was to do: with its config, its scheduled time and its
   * idempotency key, on the code that serves now.
   * @throws {NestdockError} RUN_NOT_FOUND, RUN_NOT_RETRIABLE, JOB_ORPHANED, JOB_DISABLED
   */
  async retry(id: string): Promise<RunView> {
    const { jobId } = await this.#run(id);
    const describe = async (job: Job, transaction: EntityManager): Promise<RequestedRun> => {
      assertRunnable(job);
      // Read under the job's lock: of two who ask at once, one finds the other's run.
      const { status, config, scheduledAt, idempotencyKey } = await transaction.findOneByOrFail(Run, { id });
      if (!RETRIABLE.includes(status)) throw notRetriable(`the run is ${status}`);
      const retries = { retryOf: id, status: In<RunStatus>(['queued', 'running']) };
      if (await transaction.existsBy(Run, retries)) throw notRetriable('another run is repeating it now');
      return { trigger: 'retry', config, scheduledAt, retryOf: id, idempotencyKey: idempotencyKey ?? id };
    };
    const run = await this.sender.sendRequest(jobId, describe, { minds: true });
    return runView(run);
  }

  /**
   * Ends a run that is queued or running. Its handler is told at once on this host, within a second on another.
   * @throws {NestdockError} RUN_NOT_FOUND, RUN_FINISHED
   */
  async cancel(id: string): Promise<RunView> {
    const { code, message } = cancelled();
    const done = await this.runRecords.cancel(uuidOr(id, runNotFound), { code, message });
    const run = await this.getRun(id);
    if (!done) throw new NestdockError('RUN_FINISHED', `the run is ${run.status}`);
    this.executions.cancel(id);
    const job = await this.jobs.find(run.jobId);
    if (job) publishRun(this.events, id, job, 'cancelled');
    return run;
  }

  #changed(job: Job): void {
    if (this.serving.get(job.module)) this.schedules.apply(job);
    this.events.publish('job.changed', { id: job.id, module: job.module, job: job.key });
  }

  async #job(id: string): Promise<Job> {
    const job = await this.jobs.find(uuidOr(id, jobNotFound));
    if (!job) throw jobNotFound(id);
    return job;
  }

  async #run(id: string): Promise<Run> {
    const run = await this.queries.get(uuidOr(id, runNotFound));
    if (!run) throw runNotFound(id);
    return run;
  }

  async #page(filter: RunFilter, { limit = DEFAULT_PAGE, cursor }: RunPageRequest): Promise<ListView<RunView>> {
    const size = Math.min(LARGEST_PAGE, Math.max(1, Math.floor(limit)));
    const before = cursor === undefined ? undefined : parsePageCursor(cursor);
    const [runs, total] = await this.queries.page(filter, size, before);
    const last = runs.length === size ? runs.at(-1) : undefined;
    return { items: runs.map(runView), total, nextCursor: last ? pageCursor(last) : null };
  }

  async #view(job: Job): Promise<JobView> {
    const { items } = await this.#views([job]);
    return items[0] as JobView;
  }

  async #views(jobs: readonly Job[]): Promise<ListView<JobView>> {
    const ids = jobs.map(({ id }) => id);
    const [latest, stuck] = await Promise.all([this.queries.latest(ids), this.queries.stuck(ids)]);
    const items = jobs.map((job) => jobView(job, latest.get(job.id), stuck.has(job.id)));
    return { items, total: items.length, nextCursor: null };
  }
}

/** Stands for the schedule of a job that has none, so that its time zone is checked all the same. */
const ANY_SCHEDULE = '* * * * *';

function assertRunnable({ module, key, orphaned, enabled }: Job): void {
  if (orphaned) throw new NestdockError('JOB_ORPHANED', `${module} has no job "${key}" any more`);
  if (!enabled) throw new NestdockError('JOB_DISABLED', `${module} is not enabled, so "${key}" cannot run`);
}

/** The database refuses what is no UUID: nothing has such an id. */
function uuidOr(id: string, notFound: (id: string) => NestdockError): string {
  if (!isUuid(id)) throw notFound(id);
  return id;
}

const jobNotFound = (id: string) => new NestdockError('JOB_NOT_FOUND', `no job has the id "${id}"`);
const notRetriable = (detail: string) => new NestdockError('RUN_NOT_RETRIABLE', detail);
const runNotFound = (id: string) => new NestdockError('RUN_NOT_FOUND', `no run has the id "${id}"`);
