import { type ModuleState } from './module-state.js';

/** What happens in the cluster that operators want to see as it happens, by type. */
export interface HostEventData {
  /** A module's state on one host has changed. */
  'module.state': { readonly module: string; readonly from: ModuleState; readonly to: ModuleState };
  /** An operator has changed a job. */
  'job.changed': { readonly id: string; readonly module: string; readonly job: string };
  /** A run was made, has begun an attempt, or has ended one. */
  'run.status': {
    readonly id: string;
    readonly jobId: string;
    readonly module: string;
    /** The job's key. */
    readonly job: string;
    readonly status: string;
  };
  /** Events were lost before this one: read anew what you show. */
  'events.gap': Record<string, never>;
}

export const HOST_EVENT_TYPES = ['module.state', 'job.changed', 'run.status', 'events.gap'] as const;
export type HostEventType = (typeof HOST_EVENT_TYPES)[number] & keyof HostEventData;

export interface HostEvent<T extends HostEventType = HostEventType> {
  /** Unique in the cluster; opaque. */
  readonly id: string;
  readonly type: T;
  /** ISO 8601, by the clock of the host it happened on. */
  readonly time: string;
  /** Id of that host. */
  readonly host: string;
  readonly data: HostEventData[T];
}

/** Spreads events over the cluster. Nothing relies on them: whoever misses one reads the state anew. */
export interface EventBus {
  /** Never fails and never waits. Call it once what it tells of is committed. */
  publish<T extends HostEventType>(type: T, data: HostEventData[T]): void;
  /**
   * @param after id of the last event that was seen: those after it come first, as far as they are still known.
   * @returns what ends the subscription.
   */
  subscribe(listener: (event: HostEvent) => void, after?: string): () => void;
}

/** Injection token of the {@link EventBus}. */
export const EVENT_BUS = Symbol('EventBus');
