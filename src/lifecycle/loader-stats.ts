import { type Generation, type ModuleState } from '../kernel/index.js';
import { type ResourceCounts } from '../resources/index.js';
import { type BlockedBy, type EventLoopReport } from '../vitals/index.js';
import { type ModuleLifecycle } from './module-lifecycle.js';
import { liveRoutes } from './module-view.js';

/** What is loaded on this host now. */
export interface LoaderStats {
  readonly modules: number;
  readonly states: Readonly<Partial<Record<ModuleState, number>>>;
  readonly routes: number;
  readonly jobs: number;
  /** Generations that hold memory: those that serve, and those still draining. */
  readonly generations: number;
  /** Of all generations, those that drain included; so are the runs. */
  readonly requestsInFlight: number;
  readonly runsInFlight: number;
}

/** What is loaded, and what it has done. */
export interface HostStats extends LoaderStats {
  /** Faults that are put down to a module, by its name, since the host's start. */
  readonly faults: Readonly<Record<string, number>>;
  /** What the host had to end at unload, by the module that had made it, since the host's start. */
  readonly leftBehind: Readonly<Record<string, ResourceCounts>>;
  /** Generations that were unloaded and whose code is still in memory, by module. */
  readonly leaking: Readonly<Record<string, number>>;
  /** In the second that has passed last. */
  readonly eventLoop: EventLoopReport;
  readonly memory: { readonly rssBytes: number; readonly heapUsedBytes: number };
  /** Who has blocked the event loop since the host's start, by module. */
  readonly blocked: Readonly<Record<string, BlockedBy>>;
}

export function loaderStats(lifecycles: readonly ModuleLifecycle[]): LoaderStats {
  const serving = lifecycles.flatMap((lifecycle) => lifecycle.serving ?? []);
  const generations = lifecycles.flatMap((lifecycle) => lifecycle.generations);
  const states: Partial<Record<ModuleState, number>> = {};
  for (const { state } of lifecycles) states[state] = (states[state] ?? 0) + 1;
  return {
    modules: serving.length,
    states,
    routes: sum(serving, (generation) => liveRoutes(generation).length),
    jobs: sum(serving, ({ release }) => Object.keys(release.manifest.jobs ?? {}).length),
    generations: generations.length,
    requestsInFlight: sum(generations, ({ inFlight }) => inFlight.requests),
    runsInFlight: sum(generations, ({ inFlight }) => inFlight.runs),
  };
}

function sum(generations: readonly Generation[], of: (generation: Generation) => number): number {
  return generations.reduce((total, generation) => total + of(generation), 0);
}
