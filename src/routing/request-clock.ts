import { AsyncResource } from 'node:async_hooks';

/** Calls a function every so many milliseconds. @returns what ends it */
export type Every = (milliseconds: number, tick: () => void) => () => void;

const MAX_INTERVAL_MS = 250;
const MIN_INTERVAL_MS = 5;

/**
 * One coarse timer for the deadlines of all requests of a generation, as a timer for each would cost every request. It
 * counts ticks, and runs only while there are requests. A host whose loop was blocked counts too few of them: a deadline
 * is never early, and late by two ticks at most where the loop is free.
 */
export class RequestClock {
  readonly #intervalMs: number;
  readonly #lifetime: number;
  #ticks = 0;
  #stop: (() => void) | undefined;

  /** @param onTick says whether the clock is needed on */
  constructor(
    timeoutMs: number,
    private readonly onTick: () => boolean,
    private readonly every: Every = everyUnreferenced,
  ) {
    this.#intervalMs = Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, Math.ceil(timeoutMs / 20)));
    // One more, as the first may come right after the request.
    this.#lifetime = Math.ceil(timeoutMs / this.#intervalMs) + 1;
  }

  /** Sets the clock going where it stands. @returns the tick of now, for {@link isOver} */
  begin(): number {
    this.#stop ??= this.every(this.#intervalMs, () => this.#tick());
    return this.#ticks;
  }

  /** Whether the time is over that began at the tick. */
  isOver(begin: number): boolean {
    return this.#ticks - begin >= this.#lifetime;
  }

  #tick(): void {
    this.#ticks++;
    if (this.onTick()) return;
    this.#stop?.();
    this.#stop = undefined;
  }
}

/** In no request's context: the timer would keep alive what the request that set it going has in there. */
const everyUnreferenced: Every = AsyncResource.bind((milliseconds: number, tick: () => void) => {
  const timer = setInterval(tick, milliseconds).unref();
  return () => clearInterval(timer);
});
