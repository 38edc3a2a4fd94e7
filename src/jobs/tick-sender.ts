import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger } from '../common/logging/logger.js';
import { type RunSender } from './run/run-sender.js';
import { type Tick } from './schedule/cron-ticks.js';

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 15_000;

/**
 * Sends ticks, those of a job one after another, and goes on trying where the database does not answer: a tick that is
 * sent twice makes one run.
 */
export class TickSender {
  readonly #stopping = new AbortController();
  /** The last thing that is to be sent for a job. */
  readonly #tails = new Map<string, Promise<void>>();

  constructor(
    private readonly sender: RunSender,
    private readonly logger: Logger,
  ) {}

  send(jobId: string, tick: Tick): void {
    this.#queue(jobId, () => this.sender.sendTick(jobId, tick.at, tick.next));
  }

  /** Deals with the ticks up to `until` that no host has answered, before any that is sent later. */
  sendMissed(jobId: string, until: Date): void {
    this.#queue(jobId, async () => {
      const runs = await this.sender.sendMissed(jobId, until);
      if (runs > 0) this.logger.info({ jobId, runs, until }, 'ticks were missed; runs make up for them');
    });
  }

  /** Resolves once nothing is being sent. What could not be sent by now is left to the job's misfire policy. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#tails.values());
  }

  #queue(jobId: string, send: () => Promise<void>): void {
    const tail = (this.#tails.get(jobId) ?? Promise.resolve())
      .then(() => this.#persist(jobId, send))
      .finally(() => {
        if (this.#tails.get(jobId) === tail) this.#tails.delete(jobId);
      });
    this.#tails.set(jobId, tail);
  }

  async #persist(jobId: string, send: () => Promise<void>): Promise<void> {
    for (let delay = FIRST_RETRY_MS; ; delay = Math.min(LONGEST_RETRY_MS, delay * 2)) {
      try {
        return await send();
      } catch (error) {
        this.logger.error({ err: error, jobId }, 'ticks could not be sent; they are tried again');
        if (!(await this.#pause(delay))) return;
      }
    }
  }

  /** @returns false where the host stops meanwhile. */
  #pause(ms: number): Promise<boolean> {
    const { signal } = this.#stopping;
    return sleep(ms, true, { signal, ref: false }).catch((error: unknown) => {
      if (signal.aborted) return false;
      throw error;
    });
  }
}
