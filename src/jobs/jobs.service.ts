import { validate as isUuid } from 'uuid';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type Job } from '../persistence/index.js';
import { mergeOverride } from './job-config.js';
import { type JobRecords, scheduleOf } from './job-records.js';
import { type JobSchedules } from './job-schedules.js';
import { pageCursor, parsePageCursor } from './page-cursor.js';
import { cancelled, type Executions } from './run/executions.js';
import { type RunRecords } from './run/run-records.js';
import { type RunSender } from './run/run-sender.js';
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

const DEFAULT_PAGE = 50;
const LARGEST_PAGE = 500;

/** What operators do with jobs and runs. */
export class JobsService {
  constructor(
    private readonly jobs: JobRecords,
    private readonly runRecords: RunRecords,
    private readonly sender: RunSender,
    private readonly schedules: JobSchedules,
    private readonly serving: ServingJobs,
    private readonly executions: Executions,
  ) {}

  /** Jobs by module and key; those of one module where it is named. */
  async list({ module }: { readonly module?: string } = {}): Promise<ListView<JobView>> {
    const jobs = await this.jobs.list(module);
    const latest = await this.runRecords.latest(jobs.map(({ id }) => id));
    return { items: jobs.map((job) => jobView(job, latest.get(job.id))), total: jobs.length, nextCursor: null };
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
        job.configOverride = config === null ? null : mergeOverride(job.config, job.configOverride, config);
      }
      // Also where the job is paused, or its module disabled: what cannot fire is refused, not kept for later.
      scheduleOf({ ...job, schedule: job.schedule ?? ANY_SCHEDULE });
    });
    if (!changed) throw jobNotFound(id);
    if (this.serving.get(changed.module)) this.schedules.apply(changed);
    return this.#view(changed);
  }

  /**
   * Asks for a run now, also of a job that is paused.
   * @throws {NestdockError} JOB_NOT_FOUND, JOB_ORPHANED, JOB_DISABLED, JOB_CONFIG_INVALID
   */
  async run(id: string, { config }: { readonly config?: Readonly<Record<string, unknown>> } = {}): Promise<RunView> {
    const run = await this.sender.sendRequest(uuidOr(id, jobNotFound), (job) => {
      assertRunnable(job);
      return { trigger: 'manual', config: config ? mergeOverride(job.config, null, config) : null };
    });
    return runView(run);
  }

  /**
   * The job's runs, the latest first.
   * @throws {NestdockError} JOB_NOT_FOUND, REQUEST_INVALID
   */
  async runs(jobId: string, { limit = DEFAULT_PAGE, cursor }: RunPageRequest = {}): Promise<ListView<RunView>> {
    const job = await this.#job(jobId);
    const size = Math.min(LARGEST_PAGE, Math.max(1, Math.floor(limit)));
    const before = cursor === undefined ? undefined : parsePageCursor(cursor);
    const [runs, total] = await this.runRecords.page(job.id, size, before);
    const last = runs.length === size ? runs.at(-1) : undefined;
    return { items: runs.map(runView), total, nextCursor: last ? pageCursor(last) : null };
  }

  /** @throws {NestdockError} RUN_NOT_FOUND */
  async getRun(id: string): Promise<RunView> {
    const run = await this.runRecords.get(uuidOr(id, runNotFound));
    if (!run) throw runNotFound(id);
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
    return run;
  }

  async #job(id: string): Promise<Job> {
    const job = await this.jobs.find(uuidOr(id, jobNotFound));
    if (!job) throw jobNotFound(id);
    return job;
  }

  async #view(job: Job): Promise<JobView> {
    const latest = await this.runRecords.latest([job.id]);
    return jobView(job, latest.get(job.id));
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
const runNotFound = (id: string) => new NestdockError('RUN_NOT_FOUND', `no run has the id "${id}"`);
