import { type ServedGeneration } from './served-generation.js';

export interface RoutingStats {
  /** Modules that serve now. */
  readonly modules: number;
  /** Routes that are live now, as the authors wrote them. */
  readonly routes: number;
  /** Of all generations, those that still drain included. */
  readonly requestsInFlight: number;
  readonly perModule: Readonly<Record<string, { readonly routes: number; readonly requestsInFlight: number }>>;
}

export function routingStats(live: Iterable<ServedGeneration>, attached: Iterable<ServedGeneration>): RoutingStats {
  const perModule: Record<string, { routes: number; requestsInFlight: number }> = {};
  const ofModule = (name: string) => (perModule[name] ??= { routes: 0, requestsInFlight: 0 });
  let modules = 0;
  let routes = 0;
  let requestsInFlight = 0;
  for (const { generation, routeCount } of live) {
    modules++;
    routes += routeCount;
    ofModule(generation.name).routes += routeCount;
  }
  for (const { generation } of attached) {
    const { requests } = generation.inFlight;
    requestsInFlight += requests;
    if (requests > 0) ofModule(generation.name).requestsInFlight += requests;
  }
  return { modules, routes, requestsInFlight, perModule };
}
