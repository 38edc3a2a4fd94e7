import { type JobWithMetadata, type PgBoss } from 'pg-boss';

/** How often the crew looks for what is due, or has come back, without being woken. */
const POLL_MS = 500;
/** How often it says that what it has in hand is not lost. */
const BEAT_MS = 3_000;
/** The crew may be woken for what is due later than this; polls find the rest. */
const LONGEST_WAKE_MS = 60_000;
/** Share of the places that one module never gets: what it floods the queue with cannot keep others waiting. */
const KEPT_FREE = 0.2;

export interface CrewOptions {
  readonly queue: string;
  /** Messages in hand at the same time. */
  readonly size: number;
  readonly onError: (error: Error) => void;
}

interface Wanted {
  readonly batchSize: number;
  readonly full: string[];
}

/** What messages are shared out by. */
interface Shared {
  readonly module: string;
}

/**
 * Takes messages from one queue and hands them out. pg-boss's own workers fetch one message at a time, each with polls
 * and settlements of its own, and know no fairness that spans them; here one loop fetches as many as there are places,
 * beats for all in hand with one query, and settles whatever has ended in the meantime with one.
 */
export class WorkerCrew<T extends Shared> {
  readonly #inHand = new Map<string, JobWithMetadata<T>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #perModule: number;
  #done: JobWithMetadata<T>[] = [];
  #settling: Promise<void> | undefined;
  #working: Promise<void> = Promise.resolve();
  #beat: NodeJS.Timeout | undefined;
  #endSleep: (() => void) | undefined;
  /** Somebody has called while nobody slept. */
  #woken = false;
  #stopped = false;

  constructor(
    private readonly boss: PgBoss,
    private readonly options: CrewOptions,
  ) {
    this.#perModule = Math.max(1, options.size - Math.ceil(options.size * KEPT_FREE));
  }

  /** A message whose `handle` rejects comes back. */
  start(handle: (message: JobWithMetadata<T>) => Promise<void>): void {
    if (this.#stopped) return;
    this.#beat ??= setInterval(() => this.#touch(), BEAT_MS);
    this.#working = this.#work(handle);
  }

  /** Has the crew look, as soon as it has a place. */
  wake(): void {
    this.#woken = true;
    this.#endSleep?.();
  }

  /** Has the crew look once something that was put off is due: the poll might be half a second late. */
  wakeIn(delayMs: number): void {
    if (this.#stopped || delayMs > LONGEST_WAKE_MS) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.wake();
    }, delayMs + 1);
    this.#timers.add(timer.unref());
  }

  /** Takes no more messages; those in hand go on. */
  async stopIntake(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.wake();
    await this.#working;
  }

  /** Gives back what is still in hand. */
  async stop(): Promise<void> {
    await this.stopIntake();
    clearInterval(this.#beat);
    await this.#settling;
    const left = [...this.#inHand.values()];
    if (left.length > 0) await this.boss.fail(this.options.queue, left);
  }

  async #work(handle: (message: JobWithMetadata<T>) => Promise<void>): Promise<void> {
    while (!this.#stopped) {
      this.#woken = false;
      const wanted = this.#wanted();
      const messages = await this.#fetch(wanted);
      for (const message of messages) {
        this.#inHand.set(message.id, message);
        void this.#handle(message, handle);
      }
      if (messages.length < wanted.batchSize || this.#inHand.size >= this.options.size) await this.#sleep();
    }
  }

  async #handle(message: JobWithMetadata<T>, handle: (message: JobWithMetadata<T>) => Promise<void>): Promise<void> {
    try {
      await handle(message);
      this.#done.push(message);
      this.#settling ??= this.#settle();
    } catch (error) {
      this.options.onError(error as Error);
      await this.boss.fail(this.options.queue, message).catch(this.options.onError);
    } finally {
      this.#inHand.delete(message.id);
      this.wake();
    }
  }

  /** Where a message cannot be settled it comes back, and finds its work done. */
  async #settle(): Promise<void> {
    while (this.#done.length > 0) {
      const done = this.#done;
      this.#done = [];
      await this.boss.complete(this.options.queue, done).catch(this.options.onError);
    }
    this.#settling = undefined;
  }

  /** How many messages there is room for, and the modules that have had their share. */
  #wanted(): Wanted {
    const counts = this.#countByModule();
    const full = [...counts].filter(([, count]) => count >= this.#perModule).map(([module]) => module);
    const most = Math.max(0, ...[...counts.values()].filter((count) => count < this.#perModule));
    // All of what comes may be of one module, which must not get more than its places by it.
    return { batchSize: Math.min(this.options.size - this.#inHand.size, this.#perModule - most), full };
  }

  async #fetch({ batchSize, full }: Wanted): Promise<JobWithMetadata<T>[]> {
    if (batchSize <= 0) return [];
    try {
      return await this.boss.fetch<T>(this.options.queue, { batchSize, ignoreGroups: full, includeMetadata: true });
    } catch (error) {
      this.options.onError(error as Error);
      return [];
    }
  }

  #countByModule(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { data } of this.#inHand.values()) counts.set(data.module, (counts.get(data.module) ?? 0) + 1);
    return counts;
  }

  #sleep(): Promise<void> {
    if (this.#woken || this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#endSleep?.(), POLL_MS);
      this.#endSleep = () => {
        clearTimeout(timer);
        this.#endSleep = undefined;
        resolve();
      };
    });
  }

  #touch(): void {
    const held = [...this.#inHand.values()];
    if (held.length > 0) this.boss.touch(this.options.queue, held).catch(this.options.onError);
  }
}
