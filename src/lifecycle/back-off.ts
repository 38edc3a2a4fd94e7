const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;

/** Milliseconds to wait before attempt `attempt` (counted from 1), doubling from a second to a minute. */
export function backOffDelay(attempt: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));
}

/** Tries again, later and later, what should be loaded and is not. One timer a module. */
export class BackOff {
  readonly #entries = new Map<string, { attempt: number; timer: NodeJS.Timeout | undefined }>();

  /** Plans the next attempt; one that is planned already is replaced. */
  schedule(name: string, attempt: () => void): void {
    const entry = this.#entries.get(name) ?? { attempt: 0, timer: undefined };
    clearTimeout(entry.timer);
    entry.attempt++;
    entry.timer = setTimeout(attempt, backOffDelay(entry.attempt)).unref();
    this.#entries.set(name, entry);
  }

  /** The module is as it should be, or nobody wants it any more. */
  clear(name: string): void {
    clearTimeout(this.#entries.get(name)?.timer);
    this.#entries.delete(name);
  }

  clearAll(): void {
    for (const name of [...this.#entries.keys()]) this.clear(name);
  }
}
