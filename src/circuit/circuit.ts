import { type Incident } from '../kernel/index.js';

/** How much of a kind is too much within the window; 0: nothing is. */
export interface CircuitLimits {
  readonly windowMs: number;
  readonly crashes: number;
  readonly timeouts: number;
  /** Share of a module's answers that are errors, in percent; it takes at least {@link LEAST_ERRORS} of them. */
  readonly errorPercent: number;
}

/** What a module did within the window. */
export interface IncidentCounts {
  readonly crashes: number;
  readonly timeouts: number;
  readonly errors: number;
}

/** Fewer errors say nothing of a rate. */
export const LEAST_ERRORS = 20;
/** Entries that are kept of one kind: more would not change what is said. */
const MOST_KEPT = 1_000;

interface Entry {
  readonly at: number;
  /** Requests that the module had had by then. */
  readonly requests: number;
  readonly detail: string;
}

/** The incidents of one module within a window that slides. */
export class Circuit {
  readonly #entries: Record<Incident['kind'], Entry[]> = { crash: [], timeout: [], error: [] };

  /** @param now milliseconds on a clock that never goes back */
  constructor(
    private readonly limits: CircuitLimits,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * @param requests that the module has had so far
   * @returns why that was one too many; undefined where it was not
   */
  report({ kind, detail }: Pick<Incident, 'kind' | 'detail'>, requests: number): string | undefined {
    const entries = this.#recent(kind);
    entries.push({ at: this.now(), requests, detail });
    if (entries.length > MOST_KEPT) entries.shift();
    return this.#excess(kind, entries, requests);
  }

  counts(): IncidentCounts {
    const [crashes, timeouts, errors] = (['crash', 'timeout', 'error'] as const).map(
      (kind) => this.#recent(kind).length,
    );
    return { crashes: crashes ?? 0, timeouts: timeouts ?? 0, errors: errors ?? 0 };
  }

  #recent(kind: Incident['kind']): Entry[] {
    const since = this.now() - this.limits.windowMs;
    return (this.#entries[kind] = this.#entries[kind].filter(({ at }) => at >= since));
  }

  #excess(kind: Incident['kind'], entries: readonly Entry[], requests: number): string | undefined {
    const { crashes, timeouts, errorPercent, windowMs } = this.limits;
    const within = `within ${Math.round(windowMs / 1000)} s`;
    const last = entries.at(-1)?.detail ?? '';
    if (kind === 'crash' && crashes > 0 && entries.length >= crashes) {
      return `it crashed ${entries.length} times ${within}, at last so: ${last}`;
    }
    if (kind === 'timeout' && timeouts > 0 && entries.length >= timeouts) {
      return `${entries.length} requests had no answer in time ${within}, at last so: ${last}`;
    }
    if (kind !== 'error' || errorPercent === 0 || entries.length < LEAST_ERRORS) return undefined;
    const percent = (100 * entries.length) / Math.max(entries.length, requests - (entries[0]?.requests ?? 0) + 1);
    return percent >= errorPercent
      ? `${Math.round(percent)} % of its answers were errors ${within}, at last so: ${last}`
      : undefined;
  }
}
