import { type EntityManager } from 'typeorm';
import { type Generation } from './generation.js';
import { type TrialPlan } from './rollout-plan.js';

/** The channel of NOTIFY on which hosts of one database tell each other what to look at: a topic, a colon, names of modules, a line each. */
export const CLUSTER_CHANNEL = 'nestdock_cluster';

/** The module's row has changed; a rollout was offered or decided; a host has come further with a module. */
export type ClusterTopic = 'module' | 'rollout' | 'progress';

export const clusterNotice = (topic: ClusterTopic, module: string): string => `${topic}:${module}`;

/** PostgreSQL takes less than 8,000 bytes at once; a name takes 255 characters at most. */
const LONGEST_NOTICE = 1_500;

/** As few as tell it of all these modules: every host hears each. */
export function clusterNotices(topic: ClusterTopic, modules: readonly string[]): string[] {
  const notices: string[] = [];
  for (const module of modules) {
    const last = notices.at(-1);
    if (last !== undefined && last.length + module.length < LONGEST_NOTICE)
      notices[notices.length - 1] = `${last}\n${module}`;
    else notices.push(clusterNotice(topic, module));
  }
  return notices;
}

/** A generation that every live host has attached, and none serves yet. */
export interface PreparedRollout {
  /** Names the rollout; whoever serves by it has caught up with it. */
  readonly id: string;
  /**
   * To be called in the transaction that enables it: all hosts serve it once that has committed.
   * @throws {NestdockError} ROLLOUT_ABANDONED where others have given it up meanwhile
   */
  decide(transaction: EntityManager): Promise<void>;
  /** It will not be: all hosts take back what they have attached. */
  abandon(): Promise<void>;
}

/** A generation that every live host has attached, and that is about to be tried. */
export interface OfferedTrial extends PreparedRollout {
  /**
   * Gives it the share that its plan says, step by step, on all hosts.
   * @param revision of the module's row, which ends the trial where it changes
   * @returns resolves once the last step was watched to its end
   * @throws {NestdockError} ROLLOUT_FAILED where it did badly, ROLLOUT_ABANDONED where the module was changed or others
   * have given it up
   */
  run(revision: number): Promise<void>;
}

/** Brings what is about to serve here to all other hosts. */
export interface Rollouts {
  /**
   * Resolves once every live host has the release attached, or needs not.
   * @throws {NestdockError} ROLLOUT_CONFLICT where another one is under way for the module; ROLLOUT_FAILED
   */
  prepare(generation: Generation): Promise<PreparedRollout>;
  /** As {@link prepare}, for a generation that serves a part at first. @param id names the rollout: a UUID */
  offerTrial(id: string, generation: Generation, plan: TrialPlan): Promise<OfferedTrial>;
}

export const ROLLOUTS = Symbol('Rollouts');

/** Tells module routes whether this host may serve what it has. */
export interface Fence {
  /** True where it has been out of time for so long that others may have gone on without it. */
  readonly isUp: boolean;
}

export const FENCE = Symbol('Fence');
