import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { type OpenAPIObject } from '@nestjs/swagger';
import { checkpoint } from '../../common/checkpoint.js';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { type Incident } from '../../kernel/index.js';
import { type JobContext } from '../../sdk/index.js';
import { type FromChild, type Loaded, type LoadOrder, type SentRun, type ToChild } from '../protocol.js';
import { packError, unpackError } from '../sent-error.js';
import { PendingCalls } from './pending-calls.js';
import { LOOK_MS, Pulse } from './pulse.js';
import { residentMemory } from './resident-memory.js';

/** A process that starts imports packages, and evaluates the module, which has a deadline of its own. */
const START_GRACE_MS = 10_000;

export interface ModuleProcessOptions {
  readonly name: string;
  readonly loadTimeoutMs: number;
  /** Milliseconds without a beat after which a process that serves counts as stuck. */
  readonly stuckMs: number;
  readonly rssBytes: number;
  readonly onIncident: (incident: Incident) => void;
}

/** What a job's handler says while it runs. */
export type RunListener = Pick<JobContext, 'progress' | 'logger'>;

/** One process of a module, from its start to its end. It is ended where it is stuck, or takes more memory than it may. */
export class ModuleProcess {
  /** Resolves with why the process has ended, once it has. */
  readonly ended: Promise<string>;
  readonly #pulse: Pulse;
  readonly #calls = new PendingCalls<RunListener | undefined>();
  readonly #looking: NodeJS.Timeout;
  #loading: { resolve: (loaded: Loaded) => void; reject: (error: Error) => void } | undefined;
  #failures: Error[] = [];
  /** Why the host has ended it. */
  #reason: string | undefined;

  constructor(
    private readonly child: ChildProcess,
    private readonly options: ModuleProcessOptions,
  ) {
    this.#pulse = new Pulse(options.loadTimeoutMs + START_GRACE_MS);
    child.on('message', (message: FromChild) => this.#take(message));
    // Sending to one that is gone; its end is told by `exit`.
    child.on('error', () => undefined);
    this.#looking = setInterval(() => void this.#look(), LOOK_MS).unref();
    this.ended = this.#untilEnded();
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** @throws what the module failed to load with, or MODULE_CRASHED */
  load(order: LoadOrder): Promise<Loaded> {
    return new Promise((resolve, reject) => {
      this.#loading = { resolve, reject };
      this.post({ type: 'load', order });
    });
  }

  post(message: ToChild): void {
    if (this.child.connected) this.child.send(message);
  }

  /** Resolves once the module was told. @throws what it failed with, or MODULE_CRASHED */
  async takeSettings(values: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#calls.make(undefined, (id) => this.post({ type: 'settings', id, values })).answer;
  }

  /** @throws where the document cannot be built, or MODULE_CRASHED */
  async describe(): Promise<OpenAPIObject> {
    return (await this.#calls.make(undefined, (id) => this.post({ type: 'describe', id })).answer) as OpenAPIObject;
  }

  /** Calls the handler of a job. @throws what it throws, or MODULE_CRASHED */
  async run(handler: string, run: SentRun, signal: AbortSignal, listener: RunListener): Promise<unknown> {
    const { id, answer } = this.#calls.make(listener, (call) => this.post({ type: 'run', id: call, handler, run }));
    const abort = () => {
      const { name, message, code } = packError(signal.reason);
      this.post({ type: 'abort', id, reason: { name, message, code } });
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    try {
      return await answer;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /**
   * Has the module taken back, and the process end; at the deadline it is killed.
   * @returns what could not be taken back
   */
  async end(deadlineMs: number): Promise<readonly Error[]> {
    this.#reason = 'it was told to';
    this.#pulse.expect(deadlineMs + LOOK_MS);
    const timer = setTimeout(() => {
      this.#failures.push(new Error(`its process did not end within ${deadlineMs} ms, and was killed`));
      this.kill('it did not end in time');
    }, deadlineMs);
    this.post({ type: 'end' });
    await this.ended;
    clearTimeout(timer);
    return this.#failures;
  }

  /** Ends the process and all that it has started, at once. */
  kill(reason: string): void {
    this.#reason ??= reason;
    const { pid } = this.child;
    if (pid === undefined || this.child.exitCode !== null || this.child.signalCode !== null) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      this.child.kill('SIGKILL'); // its group is gone, or is none
    }
  }

  async #untilEnded(): Promise<string> {
    const [code, signal] = (await once(this.child, 'exit')) as [number | null, NodeJS.Signals | null];
    clearInterval(this.#looking);
    const reason = this.#reason ?? (signal ? `it was ended by ${signal}` : `it ended with exit code ${code}`);
    const error = new NestdockError('MODULE_CRASHED', `the process of ${this.options.name} is gone: ${reason}`);
    this.#loading?.reject(error);
    this.#calls.throwAll(error);
    return reason;
  }

  #take(message: FromChild): void {
    this.#pulse.beat();
    if (message.type === 'loaded') {
      this.#pulse.expect(this.options.stuckMs);
      this.#loading?.resolve(message.loaded);
    } else if (message.type === 'load-failed') {
      this.#loading?.reject(unpackError(message.error));
      this.kill('it could not load the module');
    } else if (message.type === 'checkpoint') checkpoint(message.step, this.options.name);
    else if (message.type === 'returned') this.#calls.return(message.id, message.value);
    else if (message.type === 'threw') this.#calls.throw(message.id, unpackError(message.error));
    else if (message.type === 'progress') this.#calls.contextOf(message.id)?.progress(message.percent, message.message);
    else if (message.type === 'line') this.#log(message);
    else if (message.type === 'incident') this.options.onIncident(message.incident);
    else if (message.type === 'ended') this.#failures.push(...message.failures.map(unpackError));
  }

  #log({ id, level, message, fields }: Extract<FromChild, { type: 'line' }>): void {
    const logger = this.#calls.contextOf(id)?.logger;
    if (!logger) return;
    const said = typeof message === 'string' ? message : unpackError(message);
    if (level === 'error') logger.error(said, fields);
    else logger[level](said instanceof Error ? said.message : said, fields);
  }

  async #look(): Promise<void> {
    if (this.#pulse.look()) this.kill('it did not say for too long that it is alive');
    const { pid } = this.child;
    const rss = pid === undefined ? undefined : await residentMemory(pid);
    if (rss !== undefined && rss > this.options.rssBytes) {
      this.kill(`it took ${Math.round(rss / 2 ** 20)} MB of memory, and may take ${this.options.rssBytes / 2 ** 20}`);
    }
  }
}
