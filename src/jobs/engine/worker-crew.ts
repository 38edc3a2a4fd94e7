import { type JobWithMetadata, type PgBoss } from 'pg-boss';

/** How often one worker looks for what is due, new or come back; the others look only when woken. */
const POLL_SECONDS = 0.5;
const IDLE_POLL_SECONDS = 60;

/**
 * The workers of one queue. pg-boss's own crew has every worker poll, and wakes all of them at each notice: with ten
 * of them that is twenty queries a second for nothing. Here one polls, a notice wakes one, and a worker that found
 * something wakes the next, as there may be more. After its message, each looks again at once.
 */
export class WorkerCrew {
  #workers: { readonly id: string; busy: boolean }[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopped = false;

  constructor(
    private readonly boss: PgBoss,
    private readonly queue: string,
    private readonly size: number,
  ) {}

  async start<T>(handle: (message: JobWithMetadata<T>) => Promise<void>): Promise<void> {
    for (let number = 0; number < this.size && !this.#stopped; number++) {
      const worker = { id: '', busy: false };
      const poll = number === 0 ? POLL_SECONDS : IDLE_POLL_SECONDS;
      worker.id = await this.boss.work(
        this.queue,
        { includeMetadata: true, pollingIntervalSeconds: poll, notifyPollingIntervalSeconds: poll },
        async (messages: JobWithMetadata<T>[]) => {
          worker.busy = true;
          this.wake();
          try {
            for (const message of messages) await handle(message);
          } finally {
            worker.busy = false;
            // It is marked now and looks again once pg-boss has settled the message.
            this.boss.notifyWorker(worker.id);
          }
        },
      );
      this.#workers.push(worker);
    }
  }

  /** Has a worker look, if one has nothing to do. */
  wake(): void {
    const idle = this.#workers.find(({ busy }) => !busy);
    if (idle) this.boss.notifyWorker(idle.id);
  }

  /** Has a worker look once something that was put off is due: the poll might be half a second late. */
  wakeIn(delayMs: number): void {
    if (this.#stopped || delayMs > IDLE_POLL_SECONDS * 1000) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.wake();
    }, delayMs + 1);
    this.#timers.add(timer.unref());
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    if (this.#workers.length > 0) await this.boss.offWork(this.queue, { wait: false });
    this.#workers = [];
  }
}
