import { Inject, Injectable } from '@nestjs/common';
import { codedError } from '../common/errors/failure-problem.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { Semaphore } from '../common/semaphore.js';
import { type ModuleStatus, type Release } from '../kernel/index.js';
import { type Module } from '../persistence/index.js';
import { BackOff } from './back-off.js';
import { DependencyClaims, type GivenBack } from './dependency-claims.js';
import { type CommitKind, DependencyRecords } from './dependency-records.js';
import { type DockedModule } from './docked-module.js';
import { DockedModules } from './docked-modules.js';
import { dependencyFailed, dependentsEnabled } from './lifecycle-errors.js';
import { ModuleDependencies, type Needs } from './module-dependencies.js';
import { ModuleFailures, wasTakenAway } from './module-failures.js';
import { type Commit } from './module-lifecycle.js';
import { ModuleRecords } from './module-records.js';
import { ModuleReleases } from './module-releases.js';
import { ModuleTransactions } from './module-transactions.js';
import { sideBySide } from './side-by-side.js';

/** How many modules are built and attached at once where one call loads many. */
export const PARALLEL_LOADS = 8;

/**
 * What happens to one module at a time, each in the module's queue. An operation that enables a module waits, within
 * its own queue, for the operations on what the module needs: it goes down the dependencies only.
 */
@Injectable()
export class ModuleOperations {
  readonly #backOff = new BackOff();
  readonly #claims = new DependencyClaims();

  constructor(
    private readonly docked: DockedModules,
    private readonly records: ModuleRecords,
    private readonly dependencyRecords: DependencyRecords,
    private readonly transactions: ModuleTransactions,
    private readonly releases: ModuleReleases,
    private readonly dependencies: ModuleDependencies,
    private readonly failures: ModuleFailures,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Enables a module, and before it all that it needs. What this call has enabled is given back where it fails.
   * @returns whether it was not enabled before
   */
  enable(name: string): Promise<boolean> {
    return this.docked.run(name, 'enable', async (docked) => {
      const row = await this.records.get(name);
      if (docked.lifecycle.state === 'active' && row.status === 'ENABLED') return false;
      // Disabled along with what it needs, and about to be taken down: that comes too late by then.
      if (docked.lifecycle.state === 'active') await this.failures.takeDown(docked);
      refuseConflict(row);
      this.#backOff.clear(name);
      const isNeeded = row.status === 'ENABLED' && (await this.dependencyRecords.directDependents(name)).length > 0;
      const prepare = () => this.#prepare(docked, row);
      try {
        const load = () => docked.lifecycle.load(prepare, this.#commit('enable'), isNeeded ? 'failed' : 'idle');
        await this.#claiming(name, load);
      } catch (thrown) {
        if (isNeeded) this.#retryLater(name);
        throw await this.failures.record(docked, thrown, isNeeded ? undefined : 'REGISTERED');
      }
      this.#wakeDependents(name);
      return row.status !== 'ENABLED';
    });
  }

  /** The module is wanted for its own sake, and not only for those that need it. */
  keep(name: string): void {
    this.#claims.keep(name);
  }

  /** @throws DEPENDENTS_ENABLED where a module that is enabled, or is just being enabled, needs it. */
  disable(name: string): Promise<void> {
    return this.docked.run(name, 'disable', (docked) => this.#disable(docked));
  }

  /** Takes a module down that was disabled along with what it needs. */
  settle(name: string): Promise<void> {
    return this.docked.run(name, 'settle', async (docked) => {
      if ((await this.records.find(name))?.status === 'ENABLED') return;
      this.#backOff.clear(name);
      await this.failures.takeDown(docked);
    });
  }

  /** Loads the folder as it is now beside the generation that serves, and swaps them. */
  reload(name: string): Promise<void> {
    return this.docked.run(name, 'reload', async (docked) => {
      const row = await this.records.get(name);
      if (row.status !== 'ENABLED') {
        throw new NestdockError('MODULE_NOT_ENABLED', `${name} is ${row.status} and cannot be reloaded`);
      }
      try {
        await this.#claiming(name, () => this.#reload(docked, row));
        this.#backOff.clear(name);
      } catch (thrown) {
        if (docked.lifecycle.state === 'failed') this.#retryLater(name);
        throw await this.failures.record(docked, thrown);
      }
      this.#wakeDependents(name);
    });
  }

  /**
   * Loads a module that is enabled and does not serve here; where that fails, it is tried again later.
   * @param places to wait for one before anything is built
   * @returns whether the module serves now
   */
  load(name: string, places = new Semaphore(1)): Promise<boolean> {
    return this.docked.run(name, 'load', async (docked) => {
      const row = await this.records.find(name);
      if (row?.status !== 'ENABLED' || docked.lifecycle.state === 'active') return docked.lifecycle.state === 'active';
      const leave = await places.acquire();
      try {
        await docked.lifecycle.load(() => this.#prepareLoad(docked, row), this.#commit('load'), 'failed');
        this.#backOff.clear(name);
      } catch (thrown) {
        await this.#loadFailed(docked, thrown);
        return false;
      } finally {
        leave();
      }
      this.#wakeDependents(name);
      return true;
    });
  }

  /** Drops what this host knows of a module that is not loaded. */
  forget(name: string): void {
    this.#backOff.clear(name);
    this.docked.forget(name);
  }

  /** Nothing is tried again from now on. */
  stop(): void {
    this.#backOff.clearAll();
  }

  async #disable(docked: DockedModule, status: ModuleStatus = 'DISABLED'): Promise<void> {
    const { name } = docked.lifecycle;
    const holders = this.#claims.holdersOf(name);
    if (holders.length > 0) throw dependentsEnabled(name, holders);
    await this.transactions.disable(name, status);
    this.#backOff.clear(name);
    await this.failures.takeDown(docked);
  }

  async #reload(docked: DockedModule, row: Module): Promise<void> {
    const { lifecycle } = docked;
    const prepare = () => this.#prepare(docked, row);
    const commit = this.#commit('reload');
    if (lifecycle.state !== 'active') return void (await lifecycle.load(prepare, commit, 'failed'));
    const next = await prepare();
    const prepared = () => Promise.resolve(next);
    if (next.manifest.reload === 'stop-start') await lifecycle.restart(prepared, commit);
    else await lifecycle.replace(prepared, commit);
  }

  /** The release, once all that it needs serves. */
  async #prepare(docked: DockedModule, row: Module): Promise<Release> {
    const release = await this.releases.build(row);
    await this.dependencies.assertDependentsFit(release);
    docked.needs = Object.keys(release.manifest.dependencies ?? {});
    this.#claims.claim(row.name, docked.needs);
    const needs = await this.dependencies.plan(release);
    this.#claims.claim(
      row.name,
      needs.missing.map(({ name }) => name),
    );
    await this.#enableNeeds(row.name, needs);
    await this.dependencies.assertServing(release);
    return release;
  }

  async #prepareLoad(docked: DockedModule, row: Module): Promise<Release> {
    const release = await this.releases.build(row);
    docked.needs = Object.keys(release.manifest.dependencies ?? {});
    await this.dependencies.assertServing(release);
    return release;
  }

  /** Side by side where they do not need each other; after the first that fails no further one begins. */
  async #enableNeeds(holder: string, { missing, waits }: Needs): Promise<void> {
    const places = new Semaphore(PARALLEL_LOADS);
    const status = new Map(missing.map((module) => [module.name, module.status]));
    let failure: NestdockError | undefined;
    await sideBySide(waits, async (name) => {
      const leave = await places.acquire();
      try {
        if (!failure) await this.#bringUp(name, status.get(name) ?? 'REGISTERED');
      } catch (thrown) {
        failure ??= dependencyFailed(holder, name, codedError(thrown, 'MODULE_LOAD_FAILED'));
      } finally {
        leave();
      }
    });
    if (failure) throw failure;
  }

  async #bringUp(name: string, status: ModuleStatus): Promise<void> {
    if (status !== 'ENABLED') {
      if (await this.enable(name)) this.#claims.enabledFor(name, status);
    } else if (!(await this.load(name))) {
      throw new NestdockError('DEPENDENCY_UNAVAILABLE', `${name} is enabled, and cannot be loaded`);
    }
  }

  /** Runs what claims dependencies for a module, and gives them back where it fails. */
  async #claiming(holder: string, operation: () => Promise<unknown>): Promise<void> {
    try {
      await operation();
      this.#claims.release(holder, 'succeeded');
    } catch (error) {
      await this.#giveBack(this.#claims.release(holder, 'failed'));
      throw error;
    }
  }

  /** What others need by now stays. Several operations may have enabled these, so some may need others among them. */
  async #giveBack(modules: readonly GivenBack[]): Promise<void> {
    const needed: GivenBack[] = [];
    for (const module of modules) if (!(await this.#isGivenBack(module))) needed.push(module);
    if (needed.length > 0 && needed.length < modules.length) await this.#giveBack(needed);
  }

  async #isGivenBack({ name, status }: GivenBack): Promise<boolean> {
    try {
      await this.docked.takeBack(name, 'give back', (docked) => this.#disable(docked, status));
      return true;
    } catch (error) {
      if (error instanceof NestdockError && error.code === 'DEPENDENTS_ENABLED') return false;
      this.logger.error({ module: name, err: error }, `${name} stays enabled, though what needed it could not be`);
      return true;
    }
  }

  async #loadFailed(docked: DockedModule, thrown: unknown): Promise<void> {
    if (wasTakenAway(thrown)) return this.failures.takeDown(docked);
    await this.failures.record(docked, thrown);
    this.#retryLater(docked.lifecycle.name);
  }

  /** What failed here while this module did not serve, or served another version, may go well now. */
  #wakeDependents(name: string): void {
    for (const { lifecycle, needs } of this.docked.all()) {
      if (lifecycle.state === 'failed' && needs.includes(name)) this.#retry(lifecycle.name);
    }
  }

  #retryLater(name: string): void {
    if (!this.docked.isClosed) this.#backOff.schedule(name, () => this.#retry(name));
  }

  #retry(name: string): void {
    this.load(name).catch((error: unknown) => {
      if (this.docked.isClosed) return;
      this.logger.error({ module: name, err: error }, 'trying again to load the module failed');
      this.#retryLater(name);
    });
  }

  #commit(kind: CommitKind): Commit {
    return (generation) => this.transactions.serving(generation, kind);
  }
}

function refuseConflict({ error }: Module): void {
  if (error?.code !== 'MODULE_NAME_CONFLICT') return;
  throw new NestdockError('MODULE_NAME_CONFLICT', error.detail, { extensions: { folders: error.folders } });
}
