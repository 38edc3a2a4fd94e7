/**
 * How a release comes to serve. `all`: on every host at once. `canary`: a share of the users first. `rolling`: a share of
 * the hosts first, and then the next.
 */
export const ROLLOUT_STRATEGIES = ['all', 'rolling', 'canary'] as const;
export type RolloutStrategy = (typeof ROLLOUT_STRATEGIES)[number];

/** A release serves a part before it serves all, and gives way again where it does badly. */
export interface TrialPlan {
  readonly strategy: Exclude<RolloutStrategy, 'all'>;
  /** Canary: of the users. Rolling: of the hosts, at each step; at least one. */
  readonly percent: number;
  /** Milliseconds that each step is watched for. */
  readonly windowMs: number;
  /** Share of the trial's answers that may be errors, in percent. */
  readonly errorPercent: number;
}

/** What the generation on trial has done on one host, or on all. */
export interface TrialTally {
  /** Requests that it was given. */
  readonly requests: number;
  /** Answers of 500 and above, requests that had none in time, and crashes. */
  readonly errors: number;
  /** Of the last error. */
  readonly detail: string | null;
}

export const EMPTY_TALLY: TrialTally = { requests: 0, errors: 0, detail: null };

/** So many errors end a trial before its window does; fewer say nothing of a rate as yet. */
export const LEAST_TRIAL_ERRORS = 5;

/**
 * @param isOver whether the window is: then any error counts, however few there were
 * @returns why the trial has failed; undefined where it has not
 */
export function trialFlaw(
  { requests, errors, detail }: TrialTally,
  plan: TrialPlan,
  isOver = false,
): string | undefined {
  if (errors < (isOver ? 1 : LEAST_TRIAL_ERRORS)) return undefined;
  const percent = (100 * errors) / Math.max(requests, errors);
  if (percent <= plan.errorPercent) return undefined;
  return `${errors} of ${Math.max(requests, errors)} requests ended in errors, at last so: ${detail ?? 'unknown'}`;
}
