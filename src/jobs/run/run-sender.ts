import { randomUUID } from 'node:crypto';
import { type DataSource, type EntityManager } from 'typeorm';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { type EventBus } from '../../kernel/index.js';
import { Job, Run, type RunStatus } from '../../persistence/index.js';
import { type AttemptMessage, type JobEngine } from '../engine/job-engine.js';
import { isArmed, scheduleOf } from '../job-records.js';
import { ticksToCatchUp } from '../schedule/missed-ticks.js';
import { tickRunId } from '../schedule/tick-id.js';
import { publishRun } from './run-events.js';
import { type NewRun, type RunRecords } from './run-records.js';

/** The retention keeps runs for longer, whatever their number. */
const LATEST_TICK_MS = 1_800_000;

/** What somebody asks for; scheduled now where it does not say. */
export type RequestedRun = Omit<NewRun, 'id' | 'scheduledAt'> & Partial<Pick<NewRun, 'scheduledAt'>>;

/** Other runs of a job whose status is one of these have a tick skipped. */
const BLOCKED_BY: Readonly<Record<Job['overlap'], readonly RunStatus[]>> = {
  skip: ['queued', 'running'],
  queue: ['queued'],
  allow: [],
};

export const attemptMessage = (
  runId: string,
  attempt: number,
  job: Pick<Job, 'id' | 'module' | 'key' | 'overlap' | 'timeout'>,
): AttemptMessage => ({
  runId,
  attempt,
  jobId: job.id,
  module: job.module,
  key: job.key,
  exclusive: job.overlap !== 'allow',
  timeoutMs: job.timeout,
});

const later = (old: Date | null, date: Date | undefined): Date | null => (date && (!old || date > old) ? date : old);

/** Others have answered the tick so long ago that its run may have been removed since: it must not be made again. */
const isForgotten = (tick: Date, { answeredUntil }: Job): boolean =>
  answeredUntil !== null && answeredUntil.getTime() - tick.getTime() > LATEST_TICK_MS;

/** Makes runs: the row and the queue's message in one transaction, so that neither is ever there alone. */
export class RunSender {
  constructor(
    private readonly dataSource: DataSource,
    private readonly runs: RunRecords,
    private readonly engine: JobEngine,
    private readonly events: EventBus,
  ) {}

  /**
   * Answers a tick. Hosts that do so for the same one make one run; where an earlier run forbids another, that one is
   * `skipped`. Nothing comes of it where the job was paused or disabled meanwhile.
   */
  async sendTick(jobId: string, tick: Date, next: Date | undefined): Promise<void> {
    const run = { id: tickRunId(jobId, tick), trigger: 'schedule', scheduledAt: tick, config: null } as const;
    const made = await this.#inTransaction(jobId, async (job, transaction) => {
      if (!isArmed(job) || isForgotten(tick, job)) return undefined;
      const status = await this.runs.insert(transaction, job, run, BLOCKED_BY[job.overlap]);
      if (status === undefined) return undefined;
      await transaction.update(
        Job,
        { id: jobId },
        {
          lastRunAt: later(job.lastRunAt, tick),
          nextRunAt: later(job.nextRunAt, next),
          answeredUntil: later(job.answeredUntil, tick),
        },
      );
      if (status === 'queued') await this.#send(job, run, transaction);
      return { job, status };
    });
    if (made) publishRun(this.events, run.id, made.job, made.status);
  }

  /**
   * Deals with the ticks up to `until` that nobody has answered, as the job's misfire policy says. Each run has the time
   * of its tick; where the job forbids overlap, it waits for those before it.
   * @returns how many runs were made.
   */
  async sendMissed(jobId: string, until: Date): Promise<number> {
    const sent = await this.#inTransaction(jobId, async (job, transaction) => {
      const { answeredUntil } = job;
      if (!isArmed(job) || !answeredUntil || answeredUntil >= until) return undefined;
      const schedule = scheduleOf(job);
      const ticks = schedule ? ticksToCatchUp(job.misfire, schedule, answeredUntil, until) : [];
      const made: string[] = [];
      for (const tick of ticks) {
        const run = { id: tickRunId(jobId, tick), trigger: 'catch-up', scheduledAt: tick, config: null } as const;
        // A host that was late with the tick may have been faster.
        if (!(await this.runs.insert(transaction, job, run, []))) continue;
        await this.#send(job, run, transaction);
        made.push(run.id);
      }
      const lastRunAt = later(job.lastRunAt, ticks.at(-1));
      await transaction.update(Job, { id: jobId }, { answeredUntil: until, lastRunAt });
      return { job, made };
    });
    if (!sent) return 0;
    for (const id of sent.made) publishRun(this.events, id, sent.job, 'queued');
    return sent.made.length;
  }

  /**
   * Makes a run that somebody asks for. It waits for an earlier one where the job forbids overlap.
   * @param describe called with the job, locked; throws where it may not run.
   * @throws {NestdockError} JOB_NOT_FOUND
   */
  async sendRequest(
    jobId: string,
    describe: (job: Job, transaction: EntityManager) => RequestedRun | Promise<RequestedRun>,
  ): Promise<Run> {
    const id = randomUUID();
    const sent = await this.#inTransaction(jobId, async (job, transaction) => {
      const now = new Date();
      const run = { id, scheduledAt: now, ...(await describe(job, transaction)) };
      await this.runs.insert(transaction, job, run, []);
      await transaction.update(Job, { id: jobId }, { lastRunAt: later(job.lastRunAt, run.scheduledAt) });
      await this.#send(job, run, transaction);
      // As it is now: it may well run by the time the transaction has committed.
      return { job, run: await transaction.findOneByOrFail(Run, { id }) };
    });
    if (!sent) throw new NestdockError('JOB_NOT_FOUND', `no job has the id ${jobId}`);
    publishRun(this.events, id, sent.job, 'queued');
    return sent.run;
  }

  /** Has the runs go on that were held while these modules were disabled. */
  async releaseHeld(modules: readonly string[]): Promise<void> {
    await this.engine.start();
    await this.dataSource.transaction(async (transaction) => {
      for (const { runId, attempt, job } of await this.runs.release(transaction, modules)) {
        await this.engine.send(attemptMessage(runId, attempt, job), transaction, { again: true });
      }
    });
  }

  async #send(job: Job, { id }: Pick<NewRun, 'id'>, transaction: EntityManager): Promise<void> {
    await this.engine.send(attemptMessage(id, 1, job), transaction);
  }

  /** The lock on the job's row puts its ticks and requests in order, on all hosts. undefined where there is no job. */
  async #inTransaction<T>(
    jobId: string,
    work: (job: Job, transaction: EntityManager) => Promise<T>,
  ): Promise<T | undefined> {
    await this.engine.start();
    return this.dataSource.transaction(async (transaction) => {
      const job = await transaction.findOne(Job, { where: { id: jobId }, lock: { mode: 'pessimistic_write' } });
      return job ? work(job, transaction) : undefined;
    });
  }
}
