import { Injectable } from '@nestjs/common';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type ModuleStatus, type Release } from '../kernel/index.js';
import {
  cyclesBelow,
  fits,
  incompatibleDependents,
  type ModuleGraph,
  type ModuleNode,
  pathText,
  planEnabling,
  startingNeeds,
  toGraph,
} from './dependency-graph.js';
import { DependencyRecords, type ModuleNodeRow } from './dependency-records.js';
import { inspect } from './discovery.js';
import { DockedModules } from './docked-modules.js';
import { dependenciesUnmet, dependentsIncompatible } from './lifecycle-errors.js';
import { stoppingOrder } from './stopping-order.js';

/** What must serve on this host before a release may be loaded. */
export interface Needs {
  /** What does not serve yet, each after what it needs itself; with its status. */
  readonly missing: readonly { readonly name: string; readonly status: ModuleStatus }[];
  /** Which of those each of them waits for. */
  readonly waits: ReadonlyMap<string, readonly string[]>;
}

/** Finds out what modules need of each other, as rows and folders are now. */
@Injectable()
export class ModuleDependencies {
  constructor(
    private readonly records: DependencyRecords,
    private readonly docked: DockedModules,
  ) {}

  /** @throws DEPENDENCY_MISSING, DEPENDENCY_VERSION or DEPENDENCY_CYCLE with every problem there is. */
  async plan(release: Release): Promise<Needs> {
    const rows = await this.#rows();
    const graph = await this.#graphBelow(release, rows);
    const { order, problems } = planEnabling(release.name, graph);
    const [first, ...others] = problems;
    if (first) throw dependenciesUnmet([first, ...others]);
    const missing = order.flatMap((name) => rows.get(name) ?? []);
    return { missing, waits: startingNeeds(toGraph(order.flatMap((name) => graph.get(name) ?? []))) };
  }

  /** @throws DEPENDENTS_INCOMPATIBLE where the release's version is outside of what an enabled module needs. */
  async assertDependentsFit({ name, version }: Release): Promise<void> {
    const dependents = incompatibleDependents(name, version, toGraph(await this.records.directDependents(name)));
    if (dependents.length > 0) throw dependentsIncompatible({ name, version }, dependents);
  }

  /**
   * Whether all that a release needs serves on this host.
   * @throws DEPENDENCY_UNAVAILABLE or DEPENDENCY_VERSION; DEPENDENCY_CYCLE where that is why
   */
  async assertServing(release: Release): Promise<void> {
    const { name, manifest } = release;
    for (const [needed, range] of Object.entries(manifest.dependencies ?? {})) {
      const serving = this.docked.serving(needed)?.release;
      if (!serving) throw await this.#whyNotServing(release, needed);
      if (fits(serving.version, range)) continue;
      throw new NestdockError('DEPENDENCY_VERSION', `${name} needs ${needed} ${range}, loaded is ${serving.version}`);
    }
  }

  /**
   * The enabled modules, and what each waits for where all are loaded at once: for what its folder needs as it is now,
   * and for what it needed when it was enabled, as that may be what is loaded.
   */
  async startOrder(): Promise<ReadonlyMap<string, readonly string[]>> {
    const enabled = (await this.records.all()).filter((row) => row.enabled);
    const now = await Promise.all(enabled.map(asFolderIs));
    return startingNeeds(
      toGraph(
        enabled.map((row, index) => ({ ...row, dependencies: { ...row.dependencies, ...now[index]?.dependencies } })),
      ),
    );
  }

  /** What each of these modules waits for where this host is made as their rows say. */
  async followOrder(names: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const rows = await this.#rows();
    const comeUp = names.flatMap((name) => rows.get(name) ?? []).filter(({ enabled }) => enabled);
    const goDown = names.filter((name) => !rows.get(name)?.enabled);
    const known = goDown.flatMap((name) => this.docked.get(name) ?? []);
    return new Map([
      ...goDown.map((name) => [name, []] as const),
      ...stoppingOrder(known),
      ...startingNeeds(toGraph(comeUp)),
    ]);
  }

  async #whyNotServing(release: Release, needed: string): Promise<NestdockError> {
    const rows = await this.#rows();
    const cycles = cyclesBelow(release.name, await this.#graphBelow(release, rows));
    const own = cycles.find((cycle) => cycle.includes(release.name));
    if (own) return new NestdockError('DEPENDENCY_CYCLE', `modules need each other in a circle: ${pathText(own)}`);
    const row = rows.get(needed);
    const state = row?.enabled ? (this.docked.get(needed)?.lifecycle.state ?? 'idle') : row?.status;
    const detail = `${release.name} needs ${needed}, which is ${state ?? 'not registered'}`;
    return new NestdockError('DEPENDENCY_UNAVAILABLE', detail);
  }

  async #rows(): Promise<Map<string, ModuleNodeRow>> {
    return new Map((await this.records.all()).map((row) => [row.name, row]));
  }

  /**
   * The modules with what does not serve yet as its folder is now: that is what will be loaded. Only what serves here
   * counts as enabled.
   */
  async #graphBelow(
    { name, version, manifest }: Release,
    rows: ReadonlyMap<string, ModuleNodeRow>,
  ): Promise<ModuleGraph> {
    const isServing = (row: ModuleNodeRow) => row.enabled && this.docked.serving(row.name) !== undefined;
    const graph = new Map<string, ModuleNode>(
      [...rows.values()].map((row) => [row.name, { ...row, enabled: isServing(row) }]),
    );
    const root = { name, version, dependencies: manifest.dependencies ?? {}, enabled: false };
    graph.set(name, root);
    const reached = new Set([name]);
    for (const from of reached) {
      for (const needed of Object.keys(graph.get(from)?.dependencies ?? {})) {
        const row = rows.get(needed);
        if (row && !reached.has(needed) && !isServing(row)) graph.set(needed, await asFolderIs(row));
        if (row) reached.add(needed);
      }
    }
    return graph;
  }
}

/** A folder that holds another module by now, or none that is valid, holds no version of this one. */
async function asFolderIs({ name, path }: ModuleNodeRow): Promise<ModuleNode> {
  const { manifest } = (await inspect(path)).reading;
  if (manifest?.name !== name) return { name, version: null, dependencies: {}, enabled: false };
  return { name, version: manifest.version, dependencies: manifest.dependencies ?? {}, enabled: false };
}
