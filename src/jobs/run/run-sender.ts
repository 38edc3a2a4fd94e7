import { randomUUID } from 'node:crypto';
import { type DataSource, type EntityManager } from 'typeorm';
import { Batches } from '../../common/batches.js';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { type EventBus } from '../../kernel/index.js';
import { type Job, type Run, type RunStatus } from '../../persistence/index.js';
import { type AttemptMessage, type JobEngine } from '../engine/job-engine.js';
import { isArmed, type JobRecords, scheduleOf } from '../job-records.js';
import { ticksToCatchUp } from '../schedule/missed-ticks.js';
import { tickRunId } from '../schedule/tick-id.js';
import { publishRun } from './run-events.js';
import { type JobTimes, type NewRun, type RunRecords } from './run-records.js';

/** The retention keeps runs for longer, whatever their number. */
const LATEST_TICK_MS = 1_800_000;
/** Timers of one moment fire in several turns of the event loop: two transactions would take longer than this. */
const GATHER_MS = 2;
/** Orders that share a transaction, at most. */
const MOST_AT_ONCE = 100;

/** What somebody asks for; scheduled now where it does not say. */
export type RequestedRun = Omit<NewRun, 'id' | 'scheduledAt'> & Partial<Pick<NewRun, 'scheduledAt'>>;

/** Other runs of a job whose status is one of these have a tick skipped. */
const BLOCKED_BY: Readonly<Record<Job['overlap'], readonly RunStatus[]>> = {
  skip: ['queued', 'running'],
  queue: ['queued'],
  allow: [],
};

/** What is to be made for a job. */
interface Plan {
  readonly runs: readonly NewRun[];
  /** Statuses of other runs of the job that have these skipped. */
  readonly blockedBy: readonly RunStatus[];
  readonly times: JobTimes;
}

interface Order {
  readonly jobId: string;
  /** Whether other runs of the job matter to it: then those must have been made before. */
  readonly minds: boolean;
  /** Called with the job, locked. undefined where nothing is to be made; throws where the order is refused. */
  readonly plan: (job: Job, transaction: EntityManager) => Plan | undefined | Promise<Plan | undefined>;
}

interface Planned {
  readonly order: Order;
  readonly job: Job;
  readonly plan: Plan;
}

/** What has come of an order: the runs that were made, by id; nothing where the job is gone or wants none. */
interface Made {
  readonly job: Job;
  readonly runs: ReadonlyMap<string, Run>;
}

type Outcome = { readonly made: Made | undefined } | { readonly refusal: unknown };

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

/** Others have answered the tick so long ago that its run may have been removed since: it must not be made again. */
const isForgotten = (tick: Date, { answeredUntil }: Job): boolean =>
  answeredUntil !== null && answeredUntil.getTime() - tick.getTime() > LATEST_TICK_MS;

/**
 * Makes runs: the row and the queue's message in one transaction, so that neither is ever there alone. What is asked for
 * at about the same time shares one. The locks on the jobs' rows put the ticks and requests of each in order, on all hosts.
 */
export class RunSender {
  readonly #orders = new Batches<Order, Outcome>({
    most: MOST_AT_ONCE,
    gatherMs: GATHER_MS,
    work: (orders) => this.#fulfil(orders),
    joins: ({ minds, jobId }, batch) => !minds || batch.every((other) => other.jobId !== jobId),
  });

  constructor(
    private readonly dataSource: DataSource,
    private readonly jobs: JobRecords,
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
    const times = { lastRunAt: tick, answeredUntil: tick, ...(next && { nextRunAt: next }) };
    await this.#order(jobId, true, (job) =>
      isArmed(job) && !isForgotten(tick, job) ? { runs: [run], blockedBy: BLOCKED_BY[job.overlap], times } : undefined,
    );
  }

  /**
   * Deals with the ticks up to `until` that nobody has answered, as the job's misfire policy says. Each run has the time
   * of its tick; where the job forbids overlap, it waits for those before it.
   * @returns how many runs were made.
   */
  async sendMissed(jobId: string, until: Date): Promise<number> {
    const made = await this.#order(jobId, false, (job) => {
      const { answeredUntil } = job;
      if (!isArmed(job) || !answeredUntil || answeredUntil >= until) return undefined;
      const schedule = scheduleOf(job);
      const ticks = schedule ? ticksToCatchUp(job.misfire, schedule, answeredUntil, until) : [];
      const lastTick = ticks.at(-1);
      return {
        runs: ticks.map((tick) => ({
          id: tickRunId(jobId, tick),
          trigger: 'catch-up',
          scheduledAt: tick,
          config: null,
        })),
        blockedBy: [],
        times: { answeredUntil: until, ...(lastTick && { lastRunAt: lastTick }) },
      };
    });
    return made?.runs.size ?? 0;
  }

  /**
   * Makes a run that somebody asks for. It waits for an earlier one where the job forbids overlap.
   * @param describe called with the job, locked; throws where it may not run.
   * @param minds whether `describe` looks at other runs of the job: those asked for before are there then.
   * @throws {NestdockError} JOB_NOT_FOUND
   */
  async sendRequest(
    jobId: string,
    describe: (job: Job, transaction: EntityManager) => RequestedRun | Promise<RequestedRun>,
    { minds = false }: { readonly minds?: boolean } = {},
  ): Promise<Run> {
    const id = randomUUID();
    const made = await this.#order(jobId, minds, async (job, transaction) => {
      const run = { id, scheduledAt: new Date(), ...(await describe(job, transaction)) };
      return { runs: [run], blockedBy: [], times: { lastRunAt: run.scheduledAt } };
    });
    const run = made?.runs.get(id);
    if (!run) throw new NestdockError('JOB_NOT_FOUND', `no job has the id ${jobId}`);
    return run;
  }

  /** Has the runs go on that were held while these modules were disabled. */
  async releaseHeld(modules: readonly string[]): Promise<void> {
    await this.engine.start();
    await this.dataSource.transaction(async (transaction) => {
      const held = await this.runs.release(transaction, modules);
      const messages = held.map(({ runId, attempt, job }) => attemptMessage(runId, attempt, job));
      await this.engine.send(messages, transaction, { again: true });
    });
  }

  async #order(jobId: string, minds: boolean, plan: Order['plan']): Promise<Made | undefined> {
    await this.engine.start();
    const outcome = await this.#orders.add({ jobId, minds, plan });
    if ('refusal' in outcome) throw outcome.refusal;
    const { made } = outcome;
    for (const { id, status } of made?.runs.values() ?? []) publishRun(this.events, id, (made as Made).job, status);
    return made;
  }

  async #fulfil(orders: readonly Order[]): Promise<Outcome[]> {
    const outcomes = await this.dataSource.transaction(async (transaction) => {
      const jobs = await this.jobs.lock(
        transaction,
        orders.map(({ jobId }) => jobId),
      );
      const planned = new Map<Order, Planned>();
      const refused = new Map<Order, unknown>();
      for (const order of orders) {
        const job = jobs.get(order.jobId);
        try {
          const plan = job && (await order.plan(job, transaction));
          if (job && plan) planned.set(order, { order, job, plan });
        } catch (refusal) {
          refused.set(order, refusal);
        }
      }
      const made = await this.#make([...planned.values()], transaction);
      return orders.map((order) => (refused.has(order) ? { refusal: refused.get(order) } : { made: made.get(order) }));
    });
    this.engine.wake();
    return outcomes;
  }

  async #make(planned: readonly Planned[], transaction: EntityManager): Promise<ReadonlyMap<Order, Made>> {
    if (planned.length === 0) return new Map();
    const inserts = planned.flatMap(({ job, plan }) =>
      plan.runs.map((run) => ({ job, run, blockedBy: plan.blockedBy })),
    );
    // A host that was faster has made the runs that are missing here.
    const times = planned.map(({ job, plan }) => ({ id: job.id, ...plan.times }));
    const made = await this.runs.insert(transaction, inserts, times);
    const queued = inserts.filter(({ run }) => made.get(run.id)?.status === 'queued');
    await this.engine.send(
      queued.map(({ job, run }) => attemptMessage(run.id, 1, job)),
      transaction,
    );
    return new Map(
      planned.map(({ order, job, plan }) => {
        const runs = plan.runs.flatMap(({ id }) => made.get(id) ?? []);
        return [order, { job, runs: new Map(runs.map((run) => [run.id, run])) }];
      }),
    );
  }
}
