import { runInScope } from '../../common/module-scope.js';
import { type Generation } from '../../kernel/index.js';
import { boundedFields, boundedResult } from '../../jobs/run/bounded.js';
import { jobContext } from '../../jobs/run/job-context.js';
import { type ModuleLogger } from '../../sdk/index.js';
import { type FromChild, type SentAbort, type SentRun } from '../protocol.js';
import { packError } from '../sent-error.js';

const asIs = (json: string): string => json;

/** Calls the handlers of jobs for the host, which keeps the runs. */
export class JobCalls {
  readonly #aborts = new Map<number, AbortController>();

  constructor(
    private readonly generation: Generation,
    private readonly send: (message: FromChild) => void,
  ) {}

  /** Never rejects: the host is told how the handler has ended. */
  async run(id: number, handler: string, run: SentRun): Promise<void> {
    const abort = new AbortController();
    this.#aborts.set(id, abort);
    try {
      const call = this.generation.part('code').handler(handler);
      const result = await runInScope(this.generation.scope, call, this.#context(id, run, abort.signal));
      this.send({ type: 'returned', id, value: boundedResult(result, asIs) });
    } catch (thrown) {
      this.send({ type: 'threw', id, error: packError(thrown) });
    } finally {
      this.#aborts.delete(id);
    }
  }

  abort(id: number, { name, message, code }: SentAbort): void {
    const reason = Object.assign(new Error(message), { code });
    this.#aborts.get(id)?.abort(Object.defineProperty(reason, 'name', { value: name }));
  }

  #context(id: number, { job, idempotencyKey }: SentRun, signal: AbortSignal) {
    return jobContext({
      module: this.generation.part('context'),
      job: { ...job, config: Object.freeze(job.config) },
      logger: this.#logger(id),
      idempotencyKey,
      signal,
      progress: (percent, message) =>
        this.send({
          type: 'progress',
          id,
          percent: Number(percent),
          message: message === undefined ? message : String(message),
        }),
    });
  }

  /** The run's log is kept by the host. */
  #logger(id: number): ModuleLogger {
    const write =
      (level: 'debug' | 'info' | 'warn' | 'error') =>
      (message: string | Error, fields?: Readonly<Record<string, unknown>>): void =>
        this.send({
          type: 'line',
          id,
          level,
          message: message instanceof Error ? packError(message) : String(message),
          fields: fields && boundedFields(fields, asIs),
        });
    return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  }
}
