import { type Fence } from '../kernel/index.js';

const TICKS_PER_TTL = 10;
/**
 * Of the TTL: the last sign of life is as old as this at most where the database takes them. Where it is older, the others
 * may have gone on without this host already, and a short stop makes that no worse.
 */
const OLDEST_SIGN = 0.4;

/**
 * Goes up where this host was out of time, stopped or starved, until the others waited for it no longer: they may have gone
 * on without it, and what it has may be old. It comes down once the host has caught up. Each request looks at the clock,
 * as those that came meanwhile are read before any timer is.
 */
export class HostFence implements Fence {
  /** From then on others may go on without this host. */
  #expiresAt = Number.POSITIVE_INFINITY;
  #isUp = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly ttlMs: number,
    private readonly lastSignAt: () => number,
    private readonly catchUp: () => Promise<void>,
    private readonly onError: (error: unknown) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  start(): void {
    this.#note();
    this.#timer ??= setInterval(() => this.#tick(), Math.ceil(this.ttlMs / TICKS_PER_TTL)).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  get isUp(): boolean {
    if (this.#timer && !this.#isUp && this.now() > this.#expiresAt) this.#raise();
    return this.#isUp;
  }

  #tick(): void {
    if (this.now() > this.#expiresAt && !this.#isUp) this.#raise();
    this.#note();
  }

  #note(): void {
    const oldest = this.now() - this.ttlMs * OLDEST_SIGN;
    this.#expiresAt = Math.max(this.lastSignAt(), oldest) + this.ttlMs;
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
