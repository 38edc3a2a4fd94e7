import { type TrialPlan } from '../kernel/index.js';

/** The share that a trial has for one window. */
export interface TrialStep {
  /** Of the users, on the hosts that are part of it. */
  readonly percent: number;
  /** Ids; null: all. */
  readonly hosts: readonly string[] | null;
}

/** @param hosts ids of those that live */
export function trialSteps({ strategy, percent }: TrialPlan, hosts: readonly string[]): TrialStep[] {
  if (strategy === 'canary') return [{ percent, hosts: null }];
  const size = Math.max(1, Math.floor((hosts.length * percent) / 100));
  const count = Math.ceil(hosts.length / size);
  return Array.from({ length: count }, (_none, index) => ({ percent: 100, hosts: hosts.slice(0, (index + 1) * size) }));
}
