import { type Generation } from '../../kernel/index.js';
import { RunAbort } from './abort-reason.js';
import { type Execution } from './execution.js';
import { type AttemptRecords } from './attempt-records.js';

/** How often a stuck handler is said to go on, in beats. */
const BEATS_PER_MARK = 10;

/** How often running attempts write what they have logged, and look whether they may go on. */
const BEAT_MS = 500;

/** The attempts that run on this host now, and the handlers that go on although nobody waits for them. */
export class Executions {
  readonly #waitedFor = new Set<Execution>();
  readonly #going = new Set<Execution>();
  #beat: NodeJS.Timeout | undefined;
  #beats = 0;
  #beating: Promise<void> = Promise.resolve();

  constructor(
    private readonly records: AttemptRecords,
    private readonly onError: (error: unknown) => void,
  ) {}

  get count(): number {
    return this.#waitedFor.size;
  }

  /** Whether a handler of the job is still going here, waited for or not. */
  isGoing(jobId: string): boolean {
    return [...this.#going].some(({ run }) => run.job.id === jobId);
  }

  /** Runs the attempt; resolves with its outcome, whatever becomes of the handler. */
  async track<T>(execution: Execution, attempt: () => Promise<T>): Promise<T> {
    this.#waitedFor.add(execution);
    this.#going.add(execution);
    this.#beat ??= setInterval(() => this.#pulse(), BEAT_MS);
    try {
      return await attempt();
    } finally {
      this.#waitedFor.delete(execution);
      void execution.gone.then(() => this.#gone(execution));
      if (this.#going.size === 0) this.#rest();
    }
  }

  /** Aborts an attempt of the run, if one runs here. */
  cancel(runId: string): void {
    for (const execution of this.#waitedFor) {
      if (execution.run.runId === runId) execution.abort(cancelled());
    }
  }

  abortAll(reason: RunAbort): void {
    for (const execution of this.#waitedFor) execution.abort(reason);
  }

  /** The generation is gone: a handler of it that never ends counts no more. */
  async forget(generation: Generation): Promise<void> {
    await this.#release([...this.#going].filter((execution) => execution.generation === generation));
  }

  /** The host is going: handlers that never end go with it. */
  async forgetAll(): Promise<void> {
    await this.#release([...this.#going]);
  }

  /** Resolves once nothing is waited for, or once the milliseconds have passed. */
  async idle(ms: number): Promise<void> {
    const end = performance.now() + ms;
    while (this.#waitedFor.size > 0 && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Resolves once no write is under way. */
  async rest(): Promise<void> {
    this.#rest();
    await this.#beating;
  }

  /** Whoever was not waited for any more had been reported as stuck. */
  #gone(execution: Execution): void {
    if (!this.#going.delete(execution)) return;
    if (this.#going.size === 0) this.#rest();
    if (execution.stuck) this.records.markStuck([execution.run.runId], false).catch(this.onError);
  }

  async #release(executions: readonly Execution[]): Promise<void> {
    for (const execution of executions) this.#going.delete(execution);
    const stuck = executions.filter((execution) => execution.stuck);
    await this.records.markStuck(
      stuck.map(({ run }) => run.runId),
      false,
    );
  }

  #rest(): void {
    clearInterval(this.#beat);
    this.#beat = undefined;
  }

  #pulse(): void {
    const executions = [...this.#waitedFor];
    const marking = ++this.#beats % BEATS_PER_MARK === 0;
    this.#beating = this.#beating
      .then(() => this.#look(executions))
      .then(() => (marking ? this.#mark() : undefined))
      .catch(this.onError);
  }

  async #mark(): Promise<void> {
    const stuck = [...this.#going].filter((execution) => execution.stuck);
    await this.records.markStuck(
      stuck.map(({ run }) => run.runId),
      true,
    );
  }

  /** Whoever cancels a run or takes it over does so in the database: this is where its host learns of it. */
  async #look(executions: readonly Execution[]): Promise<void> {
    if (executions.length === 0) return;
    const held = await this.records.held(executions.map(({ claim }) => claim));
    for (const execution of executions) {
      if (!this.#waitedFor.has(execution)) continue;
      if (!held.has(execution.run.runId)) execution.abort(await this.#lossOf(execution));
      else if (execution.takeChanged()) await this.records.trace(execution.claim, execution.trace);
    }
  }

  async #lossOf({ run }: Execution): Promise<RunAbort> {
    const found = await this.records.find(run.runId);
    return found?.status === 'cancelled'
      ? cancelled()
      : new RunAbort('RUN_LOST', 'another host has taken the run over');
  }
}

export const cancelled = (): RunAbort => new RunAbort('RUN_CANCELLED', 'the run was cancelled');
