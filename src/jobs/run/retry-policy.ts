import { type JobBackoff, type RunStatus } from '../../persistence/index.js';

/** How an attempt ended. `lost`: the host that ran it was not heard from any more. */
export const ATTEMPT_ENDS = ['succeeded', 'failed', 'timed-out', 'interrupted', 'lost'] as const;
export type AttemptEnd = (typeof ATTEMPT_ENDS)[number];

export interface RetryPolicy {
  /** Attempts after the first. */
  readonly retries: number;
  readonly backoff: JobBackoff;
}

export type NextStep =
  | { readonly status: Extract<RunStatus, 'succeeded' | 'timed-out' | 'dead'> }
  | { readonly status: 'queued'; readonly delayMs: number };

const LONGEST_BACKOFF_MS = 3_600_000;
/** Share of an exponential delay that is left to chance, so that jobs which failed together do not retry together. */
const JITTER = 0.25;

/**
 * What becomes of a run whose attempt `attempt` (counted from 1) has ended so.
 * @param random from 0 (inclusive) to 1.
 */
export function nextStep(end: AttemptEnd, attempt: number, policy: RetryPolicy, random = Math.random()): NextStep {
  if (end === 'succeeded') return { status: 'succeeded' };
  if (attempt > policy.retries) return { status: end === 'timed-out' ? 'timed-out' : 'dead' };
  // Nothing was wrong with the job itself: another host, or the next generation, may take it up at once.
  if (end === 'interrupted' || end === 'lost') return { status: 'queued', delayMs: 0 };
  return { status: 'queued', delayMs: backoffDelay(policy.backoff, attempt, random) };
}

/** Milliseconds before the retry that follows attempt `attempt`. */
export function backoffDelay({ type, delay }: JobBackoff, attempt: number, random: number): number {
  if (type === 'fixed') return delay;
  const full = Math.min(LONGEST_BACKOFF_MS, delay * 2 ** Math.min(attempt - 1, 30));
  return Math.round(full * (1 - JITTER * random));
}
