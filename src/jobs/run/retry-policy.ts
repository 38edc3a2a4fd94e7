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

/**
 * What becomes of a run whose attempt has ended so.
 * @param attempt counted from 1, without those that were interrupted.
 * @param random from 0 (inclusive) to 1.
 */
export function nextStep(end: AttemptEnd, attempt: number, policy: RetryPolicy, random = Math.random()): NextStep {
  if (end === 'succeeded') return { status: 'succeeded' };
  // A reload or a host's stop is no fault of the job's, and must not use up its attempts.
  if (end === 'interrupted') return { status: 'queued', delayMs: 0 };
  if (attempt > policy.retries) return { status: end === 'timed-out' ? 'timed-out' : 'dead' };
  // The host may have been lost because of the job, so it counts; but nothing says that waiting helps.
  if (end === 'lost') return { status: 'queued', delayMs: 0 };
  return { status: 'queued', delayMs: backoffDelay(policy.backoff, attempt, random) };
}

/** Milliseconds before the retry that follows attempt `attempt`. Jobs that failed together do not retry together. */
export function backoffDelay({ type, delay, jitter }: JobBackoff, attempt: number, random: number): number {
  const full = type === 'fixed' ? delay : Math.min(LONGEST_BACKOFF_MS, delay * 2 ** Math.min(attempt - 1, 30));
  return Math.round(full * (1 - jitter * random));
}
