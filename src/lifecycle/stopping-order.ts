import { stoppingNeeds, toGraph } from './dependency-graph.js';
import { type DockedModule } from './docked-module.js';

/** Which of these modules each waits for where they are taken down: those that need it. */
export function stoppingOrder(modules: readonly DockedModule[]): ReadonlyMap<string, readonly string[]> {
  return stoppingNeeds(
    toGraph(
      modules.map(({ lifecycle: { name }, needs }) => ({
        name,
        version: null,
        dependencies: Object.fromEntries(needs.map((needed) => [needed, '*'])),
        enabled: true,
      })),
    ),
  );
}
