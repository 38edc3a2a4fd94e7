import { type DataSource } from 'typeorm';
import { hasErrorCode } from '../../common/error-code.js';
import { type Logger } from '../../common/logging/logger.js';
import { type EventBus } from '../../kernel/index.js';
import { type Delivery, type JobEngine } from '../engine/job-engine.js';
import { type JobSecrets } from '../job-secrets.js';
import { type ServingJobs } from '../serving-jobs.js';
import { Execution } from './execution.js';
import { type Executions } from './executions.js';
import { nextStep } from './retry-policy.js';
import { publishRun } from './run-events.js';
import { attemptMessage } from './run-sender.js';
import { type AttemptRecords, type Claim, type RunWithJob, type Settlement } from './attempt-records.js';
import { type RunRecords } from './run-records.js';

/** Milliseconds before a run that cannot begin now is looked at again. */
const LOOK_AGAIN_MS = 500;
const UNIQUE_VIOLATION = '23505';

/** Takes the queue's messages: begins the attempt that each asks for, and says what becomes of the run. */
export class RunWorker {
  constructor(
    private readonly hostId: string,
    private readonly dataSource: DataSource,
    private readonly runs: RunRecords,
    private readonly attempts: AttemptRecords,
    private readonly engine: JobEngine,
    private readonly serving: ServingJobs,
    private readonly executions: Executions,
    private readonly events: EventBus,
    private readonly secrets: JobSecrets,
    private readonly logger: Logger,
  ) {}

  /** Resolves once the message has done its work; where it rejects, the message comes back. */
  readonly handle = async (delivery: Delivery): Promise<void> => {
    const execution = await this.#begin(delivery);
    if (execution) await this.executions.track(execution, () => this.#attempt(execution));
    else await this.#leave(delivery);
  };

  /** undefined where the attempt cannot begin here and now. */
  async #begin(delivery: Delivery): Promise<Execution | undefined> {
    const jobs = this.serving.get(delivery.module);
    const handler = jobs?.handlers.get(delivery.key);
    if (!jobs || !handler) return undefined;
    if (delivery.exclusive && this.executions.isGoing(delivery.jobId)) return undefined;
    const { generation } = jobs;
    const { logger } = generation.part('context');
    const claim: Claim = { runId: delivery.runId, attempt: delivery.attempt, delivery: delivery.redelivery };
    // From here on: a module that is unloaded during the claim has to wait for what comes of it.
    generation.inFlight.beginRun();
    let execution: Execution | undefined;
    try {
      const run = await this.attempts.claim({ claim, host: this.hostId, release: generation.release.digest });
      if (!run) return undefined;
      publishRun(this.events, run.runId, run.job, 'running');
      execution = new Execution(run, generation, { handler, logger, secrets: this.secrets });
      return execution;
    } catch (error) {
      // Another run of the job runs, here or on another host, and the job forbids overlap.
      if (hasErrorCode(error, UNIQUE_VIOLATION)) return undefined;
      throw error;
    } finally {
      if (!execution) generation.inFlight.endRun();
    }
  }

  /** Finds out why the attempt could not begin, and sees to it that the run is not forgotten. */
  async #leave(delivery: Delivery): Promise<void> {
    const run = await this.attempts.find(delivery.runId);
    if (run?.status === 'running') await this.#takeOver(delivery, run);
    else if (run?.status === 'queued' && run.attempts === delivery.attempt - 1) {
      const { enabled, orphaned, whenDisabled } = run.job;
      if (enabled) await this.#putOff(delivery);
      else if (whenDisabled === 'hold' && !orphaned) await this.runs.hold(delivery.runId);
      else await this.#skip(delivery.runId, run.job);
    }
  }

  async #attempt(execution: Execution): Promise<void> {
    const { run, generation } = execution;
    const outcome = await execution.execute();
    const { job, runId, attempt } = run;
    const fields = { module: job.module, job: job.key, run: runId, attempt, generation: generation.id };
    if (outcome.stuck) {
      this.logger.warn(fields, `${job.module}/${job.key} has ignored its signal and goes on`);
    } else if (outcome.error) {
      this.logger.warn({ ...fields, error: outcome.error }, `${job.module}/${job.key} has ${outcome.end}`);
    }
    const step = nextStep(outcome.end, attempt - run.interruptions, job);
    const { error, result, stuck } = outcome;
    const interrupted = outcome.end === 'interrupted';
    const end = { status: step.status, error, interrupted, result, stuck, trace: execution.trace };
    await this.#settle(run, job, step, end);
  }

  /** The host that ran the attempt was lost: a message that is handed out again has no other owner. */
  async #takeOver(delivery: Delivery, run: RunWithJob): Promise<void> {
    if (run.attempts !== delivery.attempt || delivery.redelivery <= run.delivery) return;
    const claim = { runId: delivery.runId, attempt: delivery.attempt, delivery: run.delivery };
    const step = nextStep('lost', delivery.attempt - run.interruptions, run.job);
    const error = { code: 'RUN_LOST', message: 'the host that ran the attempt was not heard from any more' };
    this.logger.warn({ run: delivery.runId, attempt: delivery.attempt }, 'a run is taken over from a lost host');
    await this.#settle(claim, run.job, step, { status: step.status, error });
  }

  /** Where the run is to be tried again, the message for that is sent with it or not at all. */
  async #settle(
    claim: Claim,
    job: RunWithJob['job'],
    step: ReturnType<typeof nextStep>,
    end: Settlement,
  ): Promise<void> {
    if (step.status !== 'queued') {
      if (await this.attempts.settle(claim, end)) publishRun(this.events, claim.runId, job, end.status);
      else this.#refused(claim);
      return;
    }
    const settled = await this.dataSource.transaction(async (transaction) => {
      if (!(await this.attempts.settle(claim, end, transaction))) return false;
      await this.engine.send([attemptMessage(claim.runId, claim.attempt + 1, job)], transaction, {
        delayMs: step.delayMs,
      });
      return true;
    });
    if (settled) publishRun(this.events, claim.runId, job, end.status);
    else this.#refused(claim);
  }

  async #skip(runId: string, job: RunWithJob['job']): Promise<void> {
    await this.runs.skip(runId);
    publishRun(this.events, runId, job, 'skipped');
  }

  #refused({ runId, attempt }: Claim): void {
    this.logger.info({ run: runId, attempt }, 'the outcome of an attempt came too late, and was refused');
  }

  async #putOff({ redelivery: _redelivery, ...message }: Delivery): Promise<void> {
    const leave = !this.serving.get(message.module)?.handlers.has(message.key);
    // At a time that nobody can foresee, so that no host is always the first to look.
    const delayMs = Math.round(LOOK_AGAIN_MS * (leave ? Math.random() : 1));
    await this.dataSource.transaction((transaction) =>
      this.engine.send([message], transaction, { delayMs, again: true, leave }),
    );
  }
}
