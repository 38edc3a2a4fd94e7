import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type OpenAPIObject } from '@nestjs/swagger';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { toError } from '../../common/to-error.js';
import { type Logger } from '../../common/logging/logger.js';
import { type Generation, type Incidents, type RequestListener } from '../../kernel/index.js';
import { type Loaded, type LoadOrder, type SentRun } from '../protocol.js';
import { type ModuleProcess, type RunListener } from './module-process.js';
import { answerRestarting, RequestForwarder } from './request-forwarder.js';
import { restartDelay, spawnDelay } from './restart-delay.js';
import { type Spawned } from './spawner.js';

/** A process that has lived for so long starts with a clean sheet. */
const STEADY_MS = 30_000;
/** What is left of a deadline to the host, once the process had its part. */
const MARGIN_MS = 500;

export interface SupervisorOptions {
  readonly generation: Generation;
  readonly logger: Logger;
  readonly incidents: Incidents;
  /** What the process is to load, made anew for each. */
  readonly order: (socketPath: string) => LoadOrder;
  /** The values of the settings now. */
  readonly settings: () => Readonly<Record<string, unknown>>;
  /** Starts a process that has loaded nothing yet. */
  readonly spawn: () => Promise<Spawned>;
  readonly loadTimeoutMs: number;
}

/** A process with the way to it. */
interface Up {
  readonly spawned: Spawned;
  readonly forwarder: RequestForwarder;
}

/**
 * Keeps a process running for one generation.
 *
 * It is started with the generation, and where it cannot load the module, the generation cannot either. Once it is up,
 * and ends without being told to, it is started anew: at once the first time, later and later after that. In between,
 * requests are answered 503. It ends with the generation, and is not started any more.
 */
export class Supervisor {
  #up: Up | undefined;
  #serving = false;
  #ended = false;
  #crashes = 0;
  #upSince = 0;
  #retry: NodeJS.Timeout | undefined;
  /** The start that is under way. */
  #starting: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: SupervisorOptions) {}

  /** Of the process that is up. */
  get pid(): number | undefined {
    return this.#up?.spawned.process.pid;
  }

  /** @throws what the module failed to load with, MODULE_CRASHED or MODULE_PROCESS_FAILED */
  start(): Promise<Loaded> {
    const starting = this.#start();
    this.#starting = starting.catch(() => undefined);
    return starting;
  }

  readonly forward: RequestListener = (request: IncomingMessage, response: ServerResponse, unmatched, inHand) => {
    if (this.#up) this.#up.forwarder.forward(request, response, unmatched, inHand);
    else answerRestarting(this.options.generation.name, response);
  };

  serve(): void {
    this.#serving = true;
    this.#up?.spawned.process.post({ type: 'serve' });
  }

  stopIntake(): void {
    this.#serving = false;
    this.#up?.spawned.process.post({ type: 'stop-intake' });
  }

  /** @throws what the handler throws, or MODULE_CRASHED */
  run(handler: string, run: SentRun, signal: AbortSignal, listener: RunListener): Promise<unknown> {
    return this.#required().run(handler, run, signal, listener);
  }

  /** The module's OpenAPI document. */
  async describe(): Promise<OpenAPIObject> {
    return this.#required().describe();
  }

  /** Does nothing where no process is up: the next one is started with the settings of then. */
  async takeSettings(values: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#up?.spawned.process.takeSettings(values);
  }

  /** @returns what could not be taken back */
  async end(): Promise<readonly Error[]> {
    this.#ended = true;
    clearTimeout(this.#retry);
    if (!this.#up) await this.#starting;
    const up = this.#up;
    if (!up) return [];
    const failures = await up.spawned.process.end(this.options.loadTimeoutMs - MARGIN_MS);
    await this.#cleared(up);
    return failures;
  }

  async #start(): Promise<Loaded> {
    const { generation, order } = this.options;
    const spawned = await this.options.spawn();
    const giveUp = () => spawned.process.kill('its generation was given up');
    generation.expired.addEventListener('abort', giveUp, { once: true });
    try {
      if (generation.expired.aborted || this.#ended) giveUp();
      const loaded = await spawned.process.load(order(spawned.socketPath));
      this.#cameUp(spawned);
      return loaded;
    } catch (error) {
      spawned.process.kill('it could not load the module');
      await spawned.process.ended;
      await spawned.cleanUp();
      throw error;
    } finally {
      generation.expired.removeEventListener('abort', giveUp);
    }
  }

  #cameUp(spawned: Spawned): void {
    const up = { spawned, forwarder: new RequestForwarder(this.options.generation.name, spawned.socketPath) };
    this.#up = up;
    this.#upSince = performance.now();
    if (this.#serving) spawned.process.post({ type: 'serve' });
    // They may have changed while it loaded those that it was given.
    spawned.process.takeSettings(this.options.settings()).catch((err: unknown) => {
      if (this.#up === up)
        this.options.logger.error({ module: this.options.generation.name, err }, 'Settings were not taken');
    });
    void spawned.process.ended.then((reason) => this.#wentDown(up, reason));
  }

  async #wentDown(up: Up, reason: string): Promise<void> {
    if (this.#up === up) this.#up = undefined;
    if (this.#ended) return;
    if (performance.now() - this.#upSince > STEADY_MS) this.#crashes = 0;
    this.#crashed(reason);
    await this.#cleared(up);
  }

  #crashed(reason: string): void {
    const { generation, logger, incidents } = this.options;
    const crashes = ++this.#crashes;
    logger.error(
      { module: generation.name, generation: generation.number, restartMs: restartDelay(crashes) },
      `The process of ${generation.name} is gone: ${reason}`,
    );
    incidents.report({ module: generation.name, generation: generation.number, kind: 'crash', detail: reason });
    // The incident may have been one too many, and have ended the generation.
    if (!this.#ended) this.#retry = setTimeout(() => this.#restart(), spawnDelay(crashes));
  }

  #restart(): void {
    this.start().catch((error: unknown) => {
      if (!this.#ended) this.#crashed(`it could not be started again: ${toError(error).message}`);
    });
  }

  async #cleared({ spawned, forwarder }: Up): Promise<void> {
    await forwarder.close(new Error('the process is gone'));
    await spawned.cleanUp();
  }

  #required(): ModuleProcess {
    if (this.#up) return this.#up.spawned.process;
    const { name } = this.options.generation;
    throw new NestdockError('MODULE_CRASHED', `the process of ${name} is being started anew`);
  }
}
