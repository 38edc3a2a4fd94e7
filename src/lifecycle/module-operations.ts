import { Inject, Injectable } from '@nestjs/common';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { Semaphore } from '../common/semaphore.js';
import {
  type Isolation,
  type ModuleStatus,
  type ModuleTerms,
  type Release,
  ROLLOUTS,
  type Rollouts,
} from '../kernel/index.js';
import { type Module } from '../persistence/index.js';
import { BackOff } from './back-off.js';
import { type CommitKind, DependencyRecords } from './dependency-records.js';
import { type DockedModule } from './docked-module.js';
import { DockedModules } from './docked-modules.js';
import { dependentsEnabled, revisionConflict } from './lifecycle-errors.js';
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

/** A release that another host has asked this one to get ready. */
export interface OfferedRollout {
  readonly id: string;
  readonly module: string;
  /** Digest of the release. */
  readonly release: string;
  readonly terms: ModuleTerms;
}

/** How a host that takes part in a rollout talks with the one that leads it. */
export interface RolloutWord {
  /** All is attached, and nothing serves yet. */
  ready(): Promise<void>;
  /** Resolves once that is known: whether the generation is to serve. */
  isDecided(): Promise<boolean>;
}

/** What an operator bases a change on. */
export interface Basis {
  /** That the module must have still; undefined: whatever it has. */
  readonly revision?: number | undefined;
}

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
    @Inject(ROLLOUTS) private readonly rollouts: Rollouts,
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
  enable(name: string, permissions?: readonly string[], basis: Basis = {}): Promise<boolean> {
    return this.docked.run(name, kindOf('enable', basis, permissions?.join()), async (docked) => {
      const row = await this.#row(name, basis);
      if (docked.lifecycle.state === 'active' && row.status === 'ENABLED') {
        if (permissions) await this.#exchange(docked, row, () => this.#prepare(docked, row, permissions));
        else await this.#follow(docked, row);
        return false;
      }
      // Disabled along with what it needs, and about to be taken down: that comes too late by then.
      if (docked.lifecycle.state === 'active') await this.failures.takeDown(docked);
      refuseConflict(row);
      this.#backOff.clear(name);
      this.quarantine.release(name);
      const isNeeded = row.status === 'ENABLED' && (await this.dependencyRecords.directDependents(name)).length > 0;
      const prepare = () => this.#prepare(docked, row, permissions);
      try {
        const load = () =>
          docked.lifecycle.load(prepare, this.#commit(docked, 'enable', row), isNeeded ? 'failed' : 'idle');
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
  disable(name: string, basis: Basis = {}): Promise<void> {
    return this.docked.run(name, kindOf('disable', basis), async (docked) => {
      await this.#row(name, basis);
      await this.#disable(docked);
    });
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
  reload(name: string, basis: Basis = {}): Promise<void> {
    return this.docked.run(name, kindOf('reload', basis), async (docked) => {
      const row = this.#replaceable(await this.#row(name, basis));
      await this.#exchange(docked, row, () => this.#prepare(docked, row));
    });
  }

  /**
   * Goes back to a release that served lately, beside the generation that serves.
   * @param bundle hash of its code
   * @throws RELEASE_UNKNOWN
   */
  rollBack(name: string, bundle: string, basis: Basis = {}): Promise<void> {
    return this.docked.run(name, kindOf('roll back', basis, bundle), async (docked) => {
      const row = this.#replaceable(await this.#row(name, basis));
      await this.#exchange(docked, row, async () =>
        this.#prepared(docked, row, await this.releases.keptBundle(bundle, row)),
      );
    });
  }

  /**
   * Has a module's code run elsewhere from now on. One that is enabled goes on without a break, with the release that
   * serves; where that does not load there, nothing is changed.
   * @param isolation null: where its manifest says
   */
  isolate(name: string, isolation: Isolation | null, basis: Basis = {}): Promise<void> {
    return this.docked.run(name, kindOf('isolate', basis, String(isolation)), async (docked) => {
      const row = await this.#row(name, basis);
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
      if (row?.status !== 'ENABLED') return docked.lifecycle.state === 'active';
      return this.#follow(docked, row, places);
    });
  }

  /**
   * Makes this host as the module's row says by now: loads it, swaps it or takes it down.
   * @param wish names what is to be followed: a later wish is never taken for one that is under way
   */
  follow(name: string, wish: string): Promise<boolean> {
    return this.docked.run(name, `follow ${wish}`, async (docked) => {
      const row = await this.records.find(name);
      if (row?.status === 'ENABLED') return this.#follow(docked, row);
      this.#backOff.clear(name);
      await this.failures.takeDown(docked);
      docked.rollout = null;
      docked.revision = docked.seenRevision = row?.revision ?? 0;
      if (!row) this.docked.forget(name);
      return false;
    });
  }

  /**
   * Has a release attached that another host is about to enable everywhere, and serves it once that is decided.
   * @throws what the load failed with, or ROLLOUT_ABANDONED; what served before goes on
   */
  join({ id, module: name, release: digest, terms }: OfferedRollout, word: RolloutWord): Promise<void> {
    return this.docked.run(name, `join ${id}`, async (docked) => {
      const { lifecycle } = docked;
      const row = await this.records.get(name);
      const release = await this.releases.kept(digest, row);
      const decided = async () => {
        await word.ready();
        if (await word.isDecided()) docked.rollout = id;
        else throw new NestdockError('ROLLOUT_ABANDONED', `the rollout of ${name} was given up`);
      };
      const prepare = () => this.#prepareLoad(docked, release, terms);
      if (lifecycle.state !== 'active') {
        await lifecycle.load(prepare, decided, row.status === 'ENABLED' ? 'failed' : 'idle');
      } else if (release.manifest.reload === 'stop-start') {
        await decided(); // the old one may only stop once the new one is to serve
        await lifecycle.restart(prepare, () => Promise.resolve());
      } else {
        await lifecycle.replace(prepare, decided);
      }
      this.#served(docked);
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

  /** Makes this host serve an enabled module by the rollout that its row names. @returns whether it serves now */
  async #follow(docked: DockedModule, row: Module, places = new Semaphore(1)): Promise<boolean> {
    const { lifecycle } = docked;
    docked.seenRevision = row.revision;
    if (row.quarantine) {
      await this.quarantine.follow(docked);
      docked.revision = row.revision;
      return false;
    }
    if (isServedAsWanted(docked, row)) {
      docked.revision = row.revision;
      return true;
    }
    const leave = await places.acquire();
    try {
      const prepare = async () => {
        const release = await this.releases.wanted(row);
        return this.#prepareLoad(docked, release, moduleTerms(row, release));
      };
      await this.#bring(docked, prepare, this.#commit(docked, 'load', row));
    } catch (thrown) {
      await this.#loadFailed(docked, thrown);
      return lifecycle.state === 'active';
    } finally {
      leave();
    }
    docked.revision = row.revision;
    this.#served(docked);
    return true;
  }

  #served({ lifecycle: { name } }: DockedModule): void {
    this.#backOff.clear(name);
    this.quarantine.forget(name);
    this.#wakeDependents(name);
  }

  /** @throws MODULE_NOT_FOUND, REVISION_CONFLICT */
  async #row(name: string, { revision }: Basis): Promise<Module> {
    const row = await this.records.get(name);
    if (revision !== undefined && row.revision !== revision) throw revisionConflict(name, revision, row.revision);
    return row;
  }

  #replaceable(row: Module): Module {
    if (row.status !== 'ENABLED') {
      throw new NestdockError('MODULE_NOT_ENABLED', `${row.name} is ${row.status}: no other code can take its place`);
    }
    this.quarantine.refuse(row);
    return row;
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
  async #exchange(docked: DockedModule, row: Module, prepare: Prepare, decided?: DecidedTerms): Promise<void> {
    try {
      const commit = this.#commit(docked, 'reload', row, decided);
      await this.#needs.during(row.name, () => this.#bring(docked, prepare, commit));
    } catch (thrown) {
      if (docked.lifecycle.state === 'failed') this.#retryLater(row.name);
      throw await this.failures.record(docked, thrown);
    }
    this.#served(docked);
  }

  /** Beside what serves, in its place where the two must not meet, or where nothing serves. */
  async #bring({ lifecycle }: DockedModule, prepare: Prepare, commit: Commit): Promise<void> {
    if (lifecycle.state !== 'active') return void (await lifecycle.load(prepare, commit, 'failed'));
    const next = await prepare();
    const prepared = () => Promise.resolve(next);
    if (next.release.manifest.reload === 'stop-start') await lifecycle.restart(prepared, commit);
    else await lifecycle.replace(prepared, commit);
  }

  async #prepare(docked: DockedModule, row: Module, permissions?: readonly string[]): Promise<Prepared> {
    const isEnabled = row.status === 'ENABLED';
    const release = await (isEnabled ? this.releases.build(row) : this.releases.buildOrFind(row));
    return this.#prepared(docked, row, release, permissions);
  }

  /** The release, once all that it needs serves. */
  async #prepared(
    docked: DockedModule,
    row: Module,
    release: Release,
    permissions?: readonly string[],
  ): Promise<Prepared> {
    const terms = moduleTerms(row, release, permissions);
    await this.dependencies.assertDependentsFit(release);
    docked.needs = Object.keys(release.manifest.dependencies ?? {});
    await this.#needs.bringUp(release);
    return { release, terms };
  }

  /** What other hosts have come to serve before this one: what it needs may be about to come up here too. */
  async #prepareLoad(docked: DockedModule, release: Release, terms: ModuleTerms): Promise<Prepared> {
    this.journal.assertInnocent(release);
    docked.needs = Object.keys(release.manifest.dependencies ?? {});
    if (this.releases.isShared) await this.#catchUpWith(docked.needs);
    await this.dependencies.assertServing(release);
    return { release, terms };
  }

  async #catchUpWith(needs: readonly string[]): Promise<void> {
    const behind = needs.filter((name) => this.docked.get(name)?.lifecycle.state !== 'failed');
    for (const name of behind) await this.load(name);
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

  /** What an operator asks for is brought to all hosts before any of them serves it. */
  #commit(
    docked: DockedModule,
    kind: CommitKind,
    { revision, rollout: wanted }: Module,
    decided?: DecidedTerms,
  ): Commit {
    if (kind === 'load') {
      return async (generation) => {
        await this.transactions.serving(generation, kind, { revision });
        docked.rollout = wanted;
      };
    }
    return async (generation) => {
      await this.releases.keep(generation.release);
      const rollout = await this.rollouts.prepare(generation);
      try {
        await this.transactions.serving(generation, kind, { rollout, revision, ...(decided && { decided }) });
      } catch (error) {
        await rollout.abandon();
        throw error;
      }
      docked.rollout = rollout.id;
    };
  }
}

/** Calls that differ in what they ask for, or base it on, are not one. */
const kindOf = (what: string, { revision }: Basis, detail = ''): string => `${what} ${detail} ${revision ?? ''}`;

function isServedAsWanted({ lifecycle, rollout }: DockedModule, row: Module): boolean {
  const { serving } = lifecycle;
  if (!serving || rollout !== row.rollout) return false;
  return serving.isolation === (row.isolation ?? serving.release.manifest.isolation ?? 'inline');
}

function refuseConflict({ error }: Module): void {
  if (error?.code !== 'MODULE_NAME_CONFLICT') return;
  throw new NestdockError('MODULE_NAME_CONFLICT', error.detail, { extensions: { folders: error.folders } });
}
