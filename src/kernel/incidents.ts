/** What a module did that counts against it. */
export interface Incident {
  readonly module: string;
  /** Counts the module's generations in this host, from 1. */
  readonly generation: number;
  /**
   * `crash`: nothing caught what it threw, or its process ended. `timeout`: it did not answer in time. `error`: it
   * answered with a status of 500 or above.
   */
  readonly kind: 'crash' | 'timeout' | 'error';
  /** What to tell operators. */
  readonly detail: string;
  /** Requests that the generation has had so far, where errors are held against them. */
  readonly requests?: number;
}

/** Counts incidents against modules. */
export interface Incidents {
  /** Whether errors matter at all: to look for them takes time at each request. */
  readonly countsErrors: boolean;
  /** Never throws, and never waits. */
  report(incident: Incident): void;
}

/** Injection token of {@link Incidents}. */
export const INCIDENTS = Symbol('Incidents');
