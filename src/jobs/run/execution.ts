import { runInScope } from '../../common/module-scope.js';
import { toError } from '../../common/to-error.js';
import { type Generation, type ModuleFunction } from '../../kernel/index.js';
import { type ModuleLogger } from '../../sdk/index.js';
import { type RunAttemptError, type RunProgress } from '../../persistence/index.js';
import { effectiveConfig } from '../job-config.js';
import { type JobSecrets } from '../job-secrets.js';
import { RunAbort } from './abort-reason.js';
import { boundedResult, boundedText } from './bounded.js';
import { jobContext } from './job-context.js';
import { type AttemptEnd } from './retry-policy.js';
import { RunLog } from './run-log.js';
import { type AttemptTrace, type Claim, type ClaimedRun } from './attempt-records.js';

/** Milliseconds that a handler has to end after its signal; then nobody waits for it any more. */
const GRACE_MS = 1_000;
const LONGEST_STACK = 8_000;
const LONGEST_PROGRESS_MESSAGE = 500;

export interface AttemptOutcome {
  readonly end: AttemptEnd;
  readonly result: unknown;
  readonly error: RunAttemptError | null;
  /** The handler has ignored its signal, and goes on. */
  readonly stuck: boolean;
}

export interface ExecutionParts {
  readonly handler: ModuleFunction;
  /** The module's. */
  readonly logger: ModuleLogger;
  readonly secrets: JobSecrets;
}

/** One call of a job's handler on this host. Its run is in flight before, and is so until the handler has ended. */
export class Execution {
  readonly log: RunLog;
  readonly #abort = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];
  #progress: RunProgress | null = null;
  #progressChanged = false;
  #gone: Promise<void> = Promise.resolve();
  #stuck = false;

  constructor(
    readonly run: ClaimedRun,
    readonly generation: Generation,
    private readonly parts: ExecutionParts,
  ) {
    this.log = new RunLog(parts.logger, run.log, parts.secrets);
  }

  get claim(): Claim {
    return this.run;
  }

  get trace(): AttemptTrace {
    return { log: this.log.lines, progress: this.#progress };
  }

  /** Resolves once the handler has ended, which may be long after {@link execute} did. */
  get gone(): Promise<void> {
    return this.#gone;
  }

  /** Whether the handler was given up: it has ignored its signal, and may go on for ever. */
  get stuck(): boolean {
    return this.#stuck;
  }

  /** Whether there is something to write that was not there at the last call. */
  takeChanged(): boolean {
    const changed = this.log.takeChanged() || this.#progressChanged;
    this.#progressChanged = false;
    return changed;
  }

  abort(reason: RunAbort): void {
    if (!this.#abort.signal.aborted) this.#abort.abort(reason);
  }

  /** Calls the handler, and waits for its end, its timeout, or the end of the grace after another abort. */
  async execute(): Promise<AttemptOutcome> {
    const { generation, run } = this;
    const onExpired = () => this.abort(new RunAbort('MODULE_UNLOADED', `${generation.id} was unloaded`));
    generation.expired.addEventListener('abort', onExpired, { once: true });
    if (generation.expired.aborted) onExpired();
    this.#after(run.job.timeout, () =>
      this.abort(new RunAbort('RUN_TIMED_OUT', `the attempt took over ${run.job.timeout} ms`)),
    );
    const calling = this.#call();
    this.#gone = calling.then(() => generation.inFlight.endRun());
    try {
      return await Promise.race([calling, this.#givenUp()]);
    } finally {
      for (const timer of this.#timers) clearTimeout(timer);
      generation.expired.removeEventListener('abort', onExpired);
    }
  }

  async #call(): Promise<AttemptOutcome> {
    try {
      const result = await runInScope(this.generation.scope, this.parts.handler, this.#context());
      return this.#aborted(false) ?? { end: 'succeeded', result: this.#bounded(result), error: null, stuck: false };
    } catch (thrown) {
      return (
        this.#aborted(false) ?? {
          end: 'failed',
          result: null,
          error: attemptError(thrown, this.parts.secrets),
          stuck: false,
        }
      );
    }
  }

  /** Resolves where the handler has not ended within the grace after its signal. */
  #givenUp(): Promise<AttemptOutcome> {
    const { signal } = this.#abort;
    return new Promise((resolve) => {
      const giveUp = () =>
        this.#after(GRACE_MS, () => {
          this.#stuck = true;
          resolve(this.#aborted(true) as AttemptOutcome);
        });
      if (signal.aborted) giveUp();
      else signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** undefined where nobody has told the attempt to stop. */
  #aborted(stuck: boolean): AttemptOutcome | undefined {
    const { signal } = this.#abort;
    if (!signal.aborted) return undefined;
    const { code, message } = signal.reason as RunAbort;
    const detail = stuck ? `${message}; its handler has ignored the signal and goes on` : message;
    return {
      end: code === 'RUN_TIMED_OUT' ? 'timed-out' : 'interrupted',
      result: null,
      error: { code, message: detail },
      stuck,
    };
  }

  #context() {
    const { run, generation, log } = this;
    const config = effectiveConfig(run.job.config, run.job.configOverride, run.config);
    return jobContext({
      module: generation.part('context'),
      job: {
        key: run.job.key,
        runId: run.runId,
        scheduledAt: run.scheduledAt,
        attempt: run.attempt,
        config: Object.freeze(this.parts.secrets.open(run.job, config)),
      },
      logger: log.logger(),
      idempotencyKey: run.idempotencyKey,
      signal: this.#abort.signal,
      progress: (percent, message) => this.#report(percent, message),
    });
  }

  #report(percent: number, message?: string): void {
    this.#progress = {
      percent: Math.min(100, Math.max(0, Number(percent) || 0)),
      message:
        message === undefined
          ? null
          : boundedText(this.parts.secrets.redactText(String(message)), LONGEST_PROGRESS_MESSAGE),
    };
    this.#progressChanged = true;
  }

  #bounded(result: unknown): unknown {
    return boundedResult(result, this.parts.secrets.redactJson);
  }

  #after(ms: number, act: () => void): void {
    this.#timers.push(setTimeout(act, ms));
  }
}

function attemptError(thrown: unknown, secrets: JobSecrets): RunAttemptError {
  const error = toError(thrown);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return {
    message: boundedText(secrets.redactText(error.message), LONGEST_STACK),
    ...(error.stack !== undefined && { stack: boundedText(secrets.redactText(withCauses(error)), LONGEST_STACK) }),
    ...(code !== undefined && { code }),
  };
}

/** The stack, with those of the errors underneath: the author's mistake is often the innermost. */
function withCauses(error: Error): string {
  const seen = new Set<Error>();
  const stacks: string[] = [];
  for (let next: Error | undefined = error; next && !seen.has(next);) {
    seen.add(next);
    stacks.push(next.stack ?? next.message);
    next = next.cause === undefined ? undefined : toError(next.cause);
  }
  return stacks.join('\ncaused by: ');
}
