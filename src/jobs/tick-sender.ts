import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger } from '../common/logging/logger.js';
import { type RunSender } from './run/run-sender.js';
import { type Tick } from './schedule/cron-ticks.js';

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 15_000;

/** Sends ticks, and goes on trying where the database does not answer: a tick that is sent twice makes one run. */
export class TickSender {
  readonly #stopping = new AbortController();
  readonly #sending = new Set<Promise<void>>();

  constructor(
    private readonly sender: RunSender,
    private readonly logger: Logger,
  ) {}

  send(jobId: string, tick: Tick): void {
    const sending = this.#send(jobId, tick).finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  /** Resolves once nothing is being sent. What could not be sent by now is left to the job's misfire policy. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#sending);
  }

  async #send(jobId: string, tick: Tick): Promise<void> {
    for (let delay = FIRST_RETRY_MS; ; delay = Math.min(LONGEST_RETRY_MS, delay * 2)) {
      try {
        return await this.sender.sendTick(jobId, tick.at, tick.next);
      } catch (error) {
        this.logger.error({ err: error, jobId, tick: tick.at }, 'a tick could not be sent; it is tried again');
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
