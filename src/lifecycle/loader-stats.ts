import { type ModuleState } from '../kernel/index.js';
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
  readonly requestsInFlight: number;
  readonly runsInFlight: number;
}

export function loaderStats(lifecycles: readonly ModuleLifecycle[]): LoaderStats {
  const loaded = lifecycles.flatMap(({ serving }) => serving ?? []);
  const sum = (of: (generation: (typeof loaded)[number]) => number) =>
    loaded.reduce((total, generation) => total + of(generation), 0);
  const states: Partial<Record<ModuleState, number>> = {};
  for (const { state } of lifecycles) states[state] = (states[state] ?? 0) + 1;
  return {
    modules: loaded.length,
    states,
    routes: sum((generation) => liveRoutes(generation).length),
    jobs: sum(({ release }) => Object.keys(release.manifest.jobs ?? {}).length),
    generations: lifecycles.reduce((total, { generations }) => total + generations, 0),
    requestsInFlight: sum(({ inFlight }) => inFlight.requests),
    runsInFlight: sum(({ inFlight }) => inFlight.runs),
  };
}
