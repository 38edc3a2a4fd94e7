import { Inject, Injectable } from '@nestjs/common';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { Semaphore } from '../common/semaphore.js';
import { type Isolation, type ModuleStatus } from '../kernel/index.js';
import { type Module } from '../persistence/index.js';
import { BackOff } from './back-off.js';
import { type CommitKind, DependencyRecords } from './dependency-records.js';
import { type DockedModule } from './docked-module.js';
import { DockedModules } from './docked-modules.js';
import { dependentsEnabled } from './lifecycle-errors.js';
import { ModuleDependencies } from './module-dependencies.js';
import { ModuleFailures, wasTakenAway } from './module-failures.js';
import { type Commit, type Prepare, type Prepared } from './module-lifecycle.js';
import { LoadJournal } from './load-journal.js';
import { ModuleQuarantine } from './module-quarantine.js';
import { type DecidedTerms, ModuleRecords } from './module-records.js';
import { ModuleReleases } from './module-releases.js';
import { moduleTerms } from './module-terms.js';
import { ModuleTransactions } from './module-transactions.js';
import { NeedsOfModules } from './needs-of-modules.js';

/**
 * What happens to one module at a time, each in the module's queue. An operation that enables a module waits, within
 * its own queue, for the operations on what the module needs: it goes down the dependencies only.
 */
@Injectable()
export class ModuleOperations {
  readonly #backOff = new BackOff();
  readonly #needs: NeedsOfModules;

  constructor(
    private readonly docked: DockedModules,
    private readonly records: ModuleRecords,
    private readonly dependencyRecords: DependencyRecords,
    private readonly transactions: ModuleTransactions,
    private readonly releases: ModuleReleases,
    private readonly dependencies: ModuleDependencies,
    private readonly failures: ModuleFailures,
    private readonly quarantine: ModuleQuarantine,
    private readonly journal: LoadJournal,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#needs = new NeedsOfModules(dependencies, logger, {
      enable: (name) => this.enable(name),
      load: (name) => this.load(name),
      giveBack: (name, status) => this.docked.takeBack(name, 'give back', (module) => this.#disable(module, status)),
    });
  }

  /**
   * Enables a module, and before it all that it needs. What this call has enabled is given back where it fails. One that
   * was quarantined may come back.
   * @param permissions what is granted of what it asks for; undefined: what was granted before, or all where nothing was
   * @returns whether it was not enabled before
   */
  enable(name: string, permissions?: readonly string[]): Promise<boolean> {
    return this.docked.run(name, permissions ? `enable ${permissions.join()}` : 'enable', async (docked) => {
      const row = await this.records.get(name);
      if (docked.lifecycle.state === 'active' && row.status === 'ENABLED') {
        if (permissions) await this.#exchange(docked, row, () => this.#prepare(docked, row, permissions));
        return false;
      }
      // Disabled along with what it needs, and about to be taken down: that comes too late by then.
      if (docked.lifecycle.state === 'active') await this.failures.takeDown(docked);
      refuseConflict(row);
      this.#backOff.clear(name);
      await this.quarantine.release(row);
      const isNeeded = row.status === 'ENABLED' && (await this.dependencyRecords.directDependents(name)).length > 0;
      const prepare = () => this.#prepare(docked, row, permissions);
      try {
        const load = () => docked.lifecycle.load(prepare, this.#commit('enable'), isNeeded ? 'failed' : 'idle');
        await this.#needs.during(name, load);
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
    this.#needs.keep(name);
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
      this.quarantine.refuse(row);
      await this.#exchange(docked, row, () => this.#prepare(docked, row));
    });
  }

  /**
   * Has a module's code run elsewhere from now on. One that is enabled goes on without a break, with the release that
   * serves; where that does not load there, nothing is changed.
   * @param isolation null: where its manifest says
   */
  isolate(name: string, isolation: Isolation | null): Promise<void> {
    return this.docked.run(name, `isolate ${isolation}`, async (docked) => {
      const row = await this.records.get(name);
      if (row.isolation === isolation) return;
      const release = docked.lifecycle.serving?.release;
      if (row.status !== 'ENABLED' || !release) return this.records.isolate(name, isolation);
      const prepare = () => Promise.resolve({ release, terms: moduleTerms({ ...row, isolation }, release) });
      await this.#exchange(docked, row, prepare, { isolation });
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
      if (this.quarantine.holds(docked, row)) return false;
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
    const holders = this.#needs.holdersOf(name);
    if (holders.length > 0) throw dependentsEnabled(name, holders);
    await this.transactions.disable(name, status);
    this.#backOff.clear(name);
    await this.failures.takeDown(docked);
  }

  /** Another generation takes the place of the one that serves, or of none; where it fails, the failure is kept. */
  async #exchange(docked: DockedModule, { name }: Module, prepare: Prepare, decided?: DecidedTerms): Promise<void> {
    try {
      await this.#needs.during(name, () => this.#reload(docked, prepare, decided));
      this.#backOff.clear(name);
      this.quarantine.forget(name);
    } catch (thrown) {
      if (docked.lifecycle.state === 'failed') this.#retryLater(name);
      throw await this.failures.record(docked, thrown);
    }
    this.#wakeDependents(name);
  }

  async #reload({ lifecycle }: DockedModule, prepare: Prepare, decided?: DecidedTerms): Promise<void> {
    const commit = this.#commit('reload', decided);
    if (lifecycle.state !== 'active') return void (await lifecycle.load(prepare, commit, 'failed'));
    const next = await prepare();
    const prepared = () => Promise.resolve(next);
    if (next.release.manifest.reload === 'stop-start') await lifecycle.restart(prepared, commit);
    else await lifecycle.replace(prepared, commit);
  }

  /** The release, once all that it needs serves. */
  async #prepare(docked: DockedModule, row: Module, permissions?: readonly string[]): Promise<Prepared> {
    const release = await this.releases.build(row);
    const terms = moduleTerms(row, release, permissions);
    await this.dependencies.assertDependentsFit(release);
    docked.needs = Object.keys(release.manifest.dependencies ?? {});
    await this.#needs.bringUp(release);
    return { release, terms };
  }

  async #prepareLoad(docked: DockedModule, row: Module): Promise<Prepared> {
    const release = await this.releases.build(row);
    this.journal.assertInnocent(release);
    docked.needs = Object.keys(release.manifest.dependencies ?? {});
    await this.dependencies.assertServing(release);
    return { release, terms: moduleTerms(row, release) };
  }

  async #loadFailed(docked: DockedModule, thrown: unknown): Promise<void> {
    if (wasTakenAway(thrown)) return this.failures.takeDown(docked);
    if (thrown instanceof NestdockError && thrown.code === 'MODULE_KILLED_HOST')
      return this.quarantine.convict(docked, thrown);
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

  #commit(kind: CommitKind, decided?: DecidedTerms): Commit {
    return (generation) => this.transactions.serving(generation, kind, decided);
  }
}

function refuseConflict({ error }: Module): void {
  if (error?.code !== 'MODULE_NAME_CONFLICT') return;
  throw new NestdockError('MODULE_NAME_CONFLICT', error.detail, { extensions: { folders: error.folders } });
}
