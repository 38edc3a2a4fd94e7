/** Counts what a generation has begun and not yet ended: requests, runs, and calls of what it exports to others. */
export class InFlight {
  #requests = 0;
  #runs = 0;
  #calls = 0;
  #begun = 0;
  #onIdle: (() => void)[] = [];

  get requests(): number {
    return this.#requests;
  }

  /** Requests that were ever begun. */
  get requestsBegun(): number {
    return this.#begun;
  }

  get runs(): number {
    return this.#runs;
  }

  get calls(): number {
    return this.#calls;
  }

  beginRequest(): void {
    this.#begun++;
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

  beginCall(): void {
    this.#calls++;
  }

  endCall(): void {
    this.#calls--;
    this.#settle();
  }

  /** Resolves once nothing is in flight; at once where nothing is. */
  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #settle(): void {
    if (!this.#isIdle()) return;
    const waiting = this.#onIdle;
    this.#onIdle = [];
    for (const resolve of waiting) resolve();
  }

  #isIdle(): boolean {
    return this.#requests + this.#runs + this.#calls === 0;
  }
}
