/** Counts the requests and runs that a generation has begun and not yet ended. */
export class InFlight {
  #requests = 0;
  #runs = 0;
  #onIdle: (() => void)[] = [];

  get requests(): number {
    return this.#requests;
  }

  get runs(): number {
    return this.#runs;
  }

  beginRequest(): void {
    this.#requests++;
  }

  endRequest(): void {
    this.#requests--;
    this.#settle();
  }

  beginRun(): void {
    this.#runs++;
  }

  endRun(): void {
    this.#runs--;
    this.#settle();
  }

  /** Resolves once nothing is in flight; at once where nothing is. */
  idle(): Promise<void> {
    if (this.#requests + this.#runs === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #settle(): void {
    if (this.#requests + this.#runs > 0) return;
    const waiting = this.#onIdle;
    this.#onIdle = [];
    for (const resolve of waiting) resolve();
  }
}
