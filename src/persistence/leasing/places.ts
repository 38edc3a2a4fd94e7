/** A number of places, given out in the order of asking. Knows who holds them. */
export class Places {
  readonly #held = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  #taken = 0;

  constructor(
    private readonly size: number,
    /** Whom they are for, in messages. */
    private readonly whose: string,
  ) {}

  /**
   * @param signal whose abort ends the waiting
   * @returns what gives the place back, once.
   * @throws the signal's reason
   */
  async take(holder: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#taken < this.size) this.#taken++;
    else await this.#turn(signal);
    this.#held.set(holder, this.#heldBy(holder) + 1);
    return () => this.#leave(holder);
  }

  /** Such as `of 8 for all modules, hello holds 5 and worker 3`. */
  describe(): string {
    const held = [...this.#held].map(([holder, count], index) => `${holder} ${index === 0 ? 'holds ' : ''}${count}`);
    return `of ${this.size} for ${this.whose}, ${held.join(' and ') || 'nobody holds one'}`;
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#waiting.delete(enter);
        reject(signal.reason as Error);
      };
      const enter = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      this.#waiting.add(enter);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  #leave(holder: string): void {
    const left = this.#heldBy(holder) - 1;
    if (left > 0) this.#held.set(holder, left);
    else this.#held.delete(holder);
    const [next] = this.#waiting;
    if (!next) this.#taken--;
    else {
      this.#waiting.delete(next);
      next();
    }
  }

  #heldBy(holder: string): number {
    return this.#held.get(holder) ?? 0;
  }
}
