/** What became of an entry: it was started, waits for its turn, or there is no room for it. */
export type Admission = 'started' | 'waiting' | 'full';

/**
 * Keeps what one module has in hand within bounds, so that it cannot take the whole host: so many entries at a time, and
 * so many more that wait in the order of their coming.
 */
export class Bulkhead<Entry> {
  readonly #waiting = new Map<Entry, () => void>();
  #active = 0;

  constructor(
    private readonly concurrency: number,
    private readonly queue: number,
  ) {}

  /** Whether the next would have to wait. */
  get isBusy(): boolean {
    return this.#active >= this.concurrency;
  }

  get isFull(): boolean {
    return this.isBusy && this.#waiting.size >= this.queue;
  }

  isWaiting(entry: Entry): boolean {
    return this.#waiting.has(entry);
  }

  /** @param start called at once, or when the turn has come */
  enter(entry: Entry, start: () => void): Admission {
    if (!this.isBusy) {
      this.#active++;
      start();
      return 'started';
    }
    if (this.isFull) return 'full';
    this.#waiting.set(entry, start);
    return 'waiting';
  }

  /** To be called once for each entry that was started or waits. The next that waits is started in its place. */
  leave(entry: Entry): void {
    if (this.#waiting.delete(entry)) return;
    this.#active--;
    for (const [next, start] of this.#waiting) {
      this.#waiting.delete(next);
      this.#active++;
      start();
      return;
    }
  }
}
