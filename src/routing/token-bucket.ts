/**
 * A rate as a bucket of tokens: each request takes one, and they grow back evenly. The bucket holds one second's worth,
 * at least one, so that a burst of that many passes at once.
 */
export class TokenBucket {
  readonly #burst: number;
  #tokens: number;
  #at: number;

  /** @param now milliseconds on a clock that never goes back */
  constructor(
    private readonly perSecond: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#burst = Math.max(1, perSecond);
    this.#tokens = this.#burst;
    this.#at = now();
  }

  /** Takes a token where there is one. @returns the seconds until there is one; 0 where it was taken */
  take(): number {
    this.#grow();
    if (this.#tokens >= 1) {
      this.#tokens--;
      return 0;
    }
    return (1 - this.#tokens) / this.perSecond;
  }

  /** Goes on with what another has left, so that a reload is no way around the rate. */
  continue(former: TokenBucket): void {
    former.#grow();
    this.#tokens = Math.min(this.#tokens, former.#tokens);
  }

  #grow(): void {
    const now = this.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.perSecond);
    this.#at = now;
  }
}
