import { type InputProblem } from '../common/errors/problem.js';
import { type Manifest } from './manifest.js';
import { type ManifestProblemCode } from './problem-catalogue.js';
import { toPointer } from './json-pointer.js';

/** Names along a circle of dependencies, the first again at the end: `['a', 'b', 'a']`. */
export type DependencyCycle = readonly [string, ...string[]];

/**
 * Finds where modules depend on each other in a circle. Each module that stands in one stands in at least one of those returned.
 * Dependencies on modules that are not among the manifests lead nowhere.
 */
export function findDependencyCycles(manifests: Iterable<Pick<Manifest, 'name' | 'dependencies'>>): DependencyCycle[] {
  const needs = new Map<string, string[]>();
  for (const { name, dependencies } of manifests) needs.set(name, Object.keys(dependencies ?? {}).sort());
  const cycles: DependencyCycle[] = [];
  const covered = new Set<string>();
  for (const name of [...needs.keys()].sort()) {
    const cycle = covered.has(name) ? undefined : shortestCycle(name, needs);
    if (!cycle) continue;
    cycles.push(cycle);
    for (const member of cycle) covered.add(member);
  }
  return cycles;
}

/** The problem that a circle is; it stands in the manifest of the module that the circle begins with. */
export function cycleProblem(cycle: DependencyCycle): InputProblem {
  const code: ManifestProblemCode = 'MANIFEST_DEPENDENCY_CYCLE';
  return {
    code,
    message: `modules depend on each other in a circle: ${cycle.join(' -> ')}`,
    pointer: toPointer(['dependencies', cycle[1] ?? cycle[0]]),
  };
}

/** Breadth first, back to where it began. */
function shortestCycle(start: string, needs: ReadonlyMap<string, readonly string[]>): DependencyCycle | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const name of queue) {
    for (const needed of needs.get(name) ?? []) {
      if (needed === start) return pathTo(name, start, cameFrom);
      if (cameFrom.has(needed)) continue;
      cameFrom.set(needed, name);
      queue.push(needed);
    }
  }
  return undefined;
}

function pathTo(last: string, start: string, cameFrom: ReadonlyMap<string, string>): DependencyCycle {
  const way = [start];
  for (let name = last; name !== start; name = cameFrom.get(name) ?? start) way.unshift(name);
  return [start, ...way];
}
