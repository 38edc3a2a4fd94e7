import { satisfies } from 'semver';
import { type InputProblem } from '../common/errors/problem.js';
import { type DependencyCycle, findDependencyCycles, toPointer } from '../manifest/index.js';

/** A module as its dependents see it. */
export interface ModuleNode {
  readonly name: string;
  /** null where the manifest says none that is valid. */
  readonly version: string | null;
  /** Semver ranges by module name. */
  readonly dependencies: Readonly<Record<string, string>>;
  readonly enabled: boolean;
}

/** The registered modules, by name. */
export type ModuleGraph = ReadonlyMap<string, ModuleNode>;

export type DependencyProblemCode = 'DEPENDENCY_MISSING' | 'DEPENDENCY_VERSION' | 'DEPENDENCY_CYCLE';
export type DependencyProblem = InputProblem & { readonly code: DependencyProblemCode };

export interface EnablingPlan {
  /** What must be enabled first, each after what it needs itself. */
  readonly order: readonly string[];
  /** Why it cannot be enabled; nothing may be then. */
  readonly problems: readonly DependencyProblem[];
}

export interface IncompatibleDependent {
  readonly name: string;
  readonly range: string;
}

export const toGraph = (nodes: Iterable<ModuleNode>): ModuleGraph =>
  new Map([...nodes].map((node) => [node.name, node]));

/** As npm reads ranges: a prerelease fits only where the range names one of the same version. */
export const fits = (version: string | null, range: string): boolean => version !== null && satisfies(version, range);

/**
 * What enabling a module takes. Modules that are enabled already have what they need; they are looked through for
 * cycles only, which a new version may close.
 */
export function planEnabling(name: string, graph: ModuleGraph): EnablingPlan {
  const order: string[] = [];
  const problems: DependencyProblem[] = [];
  const seen = new Set<string>();
  const visit = (node: ModuleNode, path: readonly string[]): void => {
    seen.add(node.name);
    for (const [needed, range] of dependenciesOf(node)) {
      const registered = graph.get(needed);
      const problem = needProblem([...path, needed], range, registered);
      if (problem) problems.push(problem);
      if (registered && !registered.enabled && !seen.has(needed)) visit(registered, [...path, needed]);
    }
    if (node.name !== name) order.push(node.name);
  };
  const root = graph.get(name);
  if (root) visit(root, [name]);
  return { order, problems: [...problems, ...cyclesBelow(name, graph).map(cycleProblem)] };
}

/** The cycles that a module stands in, or meets among what it needs. */
export function cyclesBelow(name: string, graph: ModuleGraph): DependencyCycle[] {
  return findDependencyCycles([...reachable(name, graph)].flatMap((reached) => graph.get(reached) ?? []));
}

/** The enabled modules that need one, directly or by way of others, in the order of stopping: each before what it needs. */
export function enabledDependents(name: string, graph: ModuleGraph): string[] {
  const needing = invert([...graph.values()].filter(({ enabled }) => enabled));
  const order: string[] = [];
  const seen = new Set([name]);
  const visit = (needed: string): void => {
    for (const dependent of needing.get(needed) ?? []) {
      if (seen.has(dependent)) continue;
      seen.add(dependent);
      visit(dependent);
      order.push(dependent);
    }
  };
  visit(name);
  return order;
}

/** The enabled modules whose range a version of a module is outside of. */
export function incompatibleDependents(name: string, version: string, graph: ModuleGraph): IncompatibleDependent[] {
  return [...graph.values()].flatMap((node) => {
    const range = node.dependencies[name];
    return node.enabled && range !== undefined && !fits(version, range) ? [{ name: node.name, range }] : [];
  });
}

/**
 * What each of the modules waits for when all are started at once: those of them that it needs. Modules that stand
 * in cycles do not wait for each other, as nothing would ever begin.
 */
export function startingNeeds(graph: ModuleGraph): ReadonlyMap<string, readonly string[]> {
  const cyclic = new Set(findDependencyCycles(graph.values()).flat());
  return new Map(
    [...graph.values()].map((node) => [
      node.name,
      dependenciesOf(node)
        .map(([needed]) => needed)
        .filter((needed) => graph.has(needed) && !(cyclic.has(needed) && cyclic.has(node.name))),
    ]),
  );
}

/** The other way round: what each stops after, which is all that needs it. */
export function stoppingNeeds(graph: ModuleGraph): ReadonlyMap<string, readonly string[]> {
  const needing = new Map<string, string[]>([...graph.keys()].map((name) => [name, []]));
  for (const [name, needs] of startingNeeds(graph)) for (const needed of needs) needing.get(needed)?.push(name);
  return needing;
}

/** `a -> b -> a` */
export const pathText = (path: readonly string[]): string => path.join(' -> ');

/** Such as: a needs b ^2.0.0, registered is 1.4.0. undefined where the need is met. */
function needProblem(
  path: readonly string[],
  range: string,
  registered: ModuleNode | undefined,
): DependencyProblem | undefined {
  const [name, needed] = path.slice(-2) as [string, string];
  if (registered && fits(registered.version, range)) return undefined;
  const way = path.length > 2 ? ` (${pathText(path)})` : '';
  const need = `${name} needs ${needed} ${range}`;
  const pointer = toPointer(['dependencies', needed]);
  if (!registered) {
    return {
      code: 'DEPENDENCY_MISSING',
      message: `${need}, and no module of that name is registered${way}`,
      hint: `put ${needed} into MODULES_DIR and scan, or register its folder`,
      pointer,
    };
  }
  if (registered.version === null) {
    const hint = `see the error of ${needed}`;
    return { code: 'DEPENDENCY_MISSING', message: `${need}, whose manifest is not valid${way}`, hint, pointer };
  }
  return {
    code: 'DEPENDENCY_VERSION',
    message: `${need}, registered is ${registered.version}${way}`,
    hint: `install a version of ${needed} that fits, or correct the range in the manifest of ${name}`,
    pointer,
  };
}

function cycleProblem(cycle: DependencyCycle): DependencyProblem {
  return {
    code: 'DEPENDENCY_CYCLE',
    message: `modules need each other in a circle: ${pathText(cycle)}`,
    hint: 'take one of these dependencies out',
    pointer: toPointer(['dependencies', cycle[1] ?? cycle[0]]),
  };
}

function reachable(name: string, graph: ModuleGraph): Set<string> {
  const reached = new Set([name]);
  for (const from of reached) for (const [needed] of dependenciesOf(graph.get(from))) reached.add(needed);
  return reached;
}

function invert(nodes: readonly ModuleNode[]): ReadonlyMap<string, readonly string[]> {
  const needing = new Map<string, string[]>();
  for (const node of nodes) {
    for (const [needed] of dependenciesOf(node))
      needing.set(needed, [...(needing.get(needed) ?? []), node.name].sort());
  }
  return needing;
}

/** By name, so that whoever asks twice gets the same answer. */
const dependenciesOf = (node: ModuleNode | undefined): [string, string][] =>
  Object.entries(node?.dependencies ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
