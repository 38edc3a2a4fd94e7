import { type Fence } from '../kernel/index.js';

const TICKS_PER_TTL = 10;

/**
 * Goes up where this host was out of time for longer than the others wait for it, stopped or starved: they may have gone
 * on without it, and what it has may be old. It comes down once the host has caught up. Each request looks at the clock,
 * as those that came meanwhile are read before any timer is.
 */
export class HostFence implements Fence {
  #lastTick = performance.now();
  #isUp = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly ttlMs: number,
    private readonly catchUp: () => Promise<void>,
    private readonly onError: (error: unknown) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  start(): void {
    this.#lastTick = this.now();
    this.#timer ??= setInterval(() => this.#tick(), Math.ceil(this.ttlMs / TICKS_PER_TTL)).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  get isUp(): boolean {
    if (this.#timer && !this.#isUp && this.now() - this.#lastTick > this.ttlMs) this.#raise();
    return this.#isUp;
  }

  #tick(): void {
    if (this.now() - this.#lastTick > this.ttlMs && !this.#isUp) this.#raise();
    this.#lastTick = this.now();
  }

  #raise(): void {
    this.#isUp = true;
    const lower = (): void => {
      this.catchUp().then(
        () => (this.#isUp = false),
        (error: unknown) => {
          this.onError(error);
          // The database may be away: until it is back, nobody knows what is to be served.
          setTimeout(lower, this.ttlMs / TICKS_PER_TTL).unref();
        },
      );
    };
    lower();
  }
}
