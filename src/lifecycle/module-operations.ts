import { Inject, Injectable } from '@nestjs/common';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import {
  type Isolation,
  type ModuleStatus,
  type Release,
  ROLLOUTS,
  type Rollouts,
  type TrialPlan,
} from '../kernel/index.js';
import { type Module } from '../persistence/index.js';
import { type CommitKind, DependencyRecords } from './dependency-records.js';
import { type DockedModule } from './docked-module.js';
import { DockedModules } from './docked-modules.js';
import { dependentsEnabled, revisionConflict, trialImpossible } from './lifecycle-errors.js';
import { ModuleDependencies } from './module-dependencies.js';
import { ModuleFailures } from './module-failures.js';
import { type Commit, type Prepare, type Prepared } from './module-lifecycle.js';
import { ModuleFollowing } from './module-following.js';
import { ModuleQuarantine } from './module-quarantine.js';
import { type DecidedTerms, ModuleRecords } from './module-records.js';
import { ModuleReleases } from './module-releases.js';
import { moduleTerms } from './module-terms.js';
import { ModuleTransactions } from './module-transactions.js';
import { ModuleTrialRuns } from './module-trial-runs.js';
import { NeedsOfModules } from './needs-of-modules.js';

/** What an operator bases a change on. */
export interface Basis {
  /** That the module must have still; undefined: whatever it has. */
  readonly revision?: number | undefined;
}

/** How an operator wants other code to come to serve. */
export interface Exchange extends Basis {
  /** It serves a part first; undefined: all at once. */
  readonly trial?: TrialPlan | undefined;
}

/**
 * What happens to one module at a time, each in the module's queue. An operation that enables a module waits, within
 * its own queue, for the operations on what the module needs: it goes down the dependencies only.
 */
@Injectable()
export class ModuleOperations {
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
    private readonly following: ModuleFollowing,
    private readonly trialRuns: ModuleTrialRuns,
    @Inject(ROLLOUTS) private readonly rollouts: Rollouts,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#needs = new NeedsOfModules(dependencies, logger, {
      enable: (name) => this.enable(name),
      load: (name) => this.following.load(name),
      giveBack: (name, status) => this.docked.takeBack(name, 'give back', (module) => this.#disable(module, status)),
    });
  }

  /**
   * Enables a module, and before it all that it needs. What this call has enabled is given back where it fails. One that
   * was quarantined may come back.
   * @param permissions what is granted of what it asks for; undefined: what was granted before, or all where nothing was
   * @returns whether it was not enabled before
   */
  enable(name: string, permissions?: readonly string[], basis: Exchange = {}): Promise<boolean> {
    return this.docked.run(name, kindOf('enable', basis, permissions?.join()), async (docked) => {
      const row = await this.#row(name, basis);
      if (docked.lifecycle.state === 'active' && row.status === 'ENABLED') {
        if (permissions) await this.#exchange(docked, row, () => this.#prepare(docked, row, permissions), basis);
        else await this.following.catchUp(docked, row);
        return false;
      }
      if (basis.trial) throw trialImpossible(name, 'nothing of it serves beside which it could be tried');
      // Disabled along with what it needs, and about to be taken down: that comes too late by then.
      if (docked.lifecycle.state === 'active') await this.failures.takeDown(docked);
      refuseConflict(row);
      this.following.forget(name);
      this.quarantine.release(name);
      const staysEnabled = row.status === 'ENABLED' && (await this.#servesOthers(name));
      const prepare = async () => this.#prepared(docked, row, await this.releases.buildOrFind(row), permissions);
      try {
        const load = () =>
          docked.lifecycle.load(prepare, this.#commit(docked, 'enable', row), staysEnabled ? 'failed' : 'idle');
        await this.#needs.during(name, load);
      } catch (thrown) {
        if (staysEnabled) this.following.retryLater(name);
        throw await this.failures.record(docked, thrown, staysEnabled ? undefined : 'REGISTERED');
      }
      this.following.served(docked);
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
      await this.#disable(docked, 'DISABLED', basis);
    });
  }

  /** Takes a module down that was disabled along with what it needs. */
  settle(name: string): Promise<void> {
    return this.docked.run(name, 'settle', async (docked) => {
      if ((await this.records.find(name))?.status === 'ENABLED') return;
      this.following.forget(name);
      await this.failures.takeDown(docked);
    });
  }

  /** Loads the folder as it is now beside the generation that serves, and swaps them. */
  reload(name: string, basis: Exchange = {}): Promise<void> {
    return this.docked.run(name, kindOf('reload', basis), async (docked) => {
      const row = this.#replaceable(await this.#row(name, basis));
      await this.#exchange(docked, row, () => this.#prepare(docked, row), basis);
    });
  }

  /**
   * Goes back to a release that served lately, beside the generation that serves.
   * @param bundle hash of its code
   * @throws RELEASE_UNKNOWN
   */
  rollBack(name: string, bundle: string, basis: Exchange = {}): Promise<void> {
    return this.docked.run(name, kindOf('roll back', basis, bundle), async (docked) => {
      const row = this.#replaceable(await this.#row(name, basis));
      const prepare = async () => this.#prepared(docked, row, await this.releases.keptBundle(bundle, row));
      await this.#exchange(docked, row, prepare, basis);
    });
  }

  /**
   * Has a module's code run elsewhere from now on. One that is enabled goes on without a break, with the release that
   * serves; where that does not load there, nothing is changed.
   * @param isolation null: where its manifest says
   */
  isolate(name: string, isolation: Isolation | null, basis: Exchange = {}): Promise<void> {
    return this.docked.run(name, kindOf('isolate', basis, String(isolation)), async (docked) => {
      const row = await this.#row(name, basis);
      if (row.isolation === isolation) return;
      const release = docked.lifecycle.serving?.release;
      if (row.status !== 'ENABLED' || !release) return this.records.isolate(name, isolation);
      const prepare = () => Promise.resolve({ release, terms: moduleTerms({ ...row, isolation }, release) });
      await this.#exchange(docked, row, prepare, basis, { isolation });
    });
  }

  /** Drops what this host knows of a module that is not loaded. */
  forget(name: string): void {
    this.following.forget(name);
    this.docked.forget(name);
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

  async #disable(docked: DockedModule, status: ModuleStatus, basis: Basis = {}): Promise<void> {
    const { name } = docked.lifecycle;
    const holders = this.#needs.holdersOf(name);
    if (holders.length > 0) throw dependentsEnabled(name, holders);
    await this.transactions.disable(name, status, basis.revision);
    this.following.forget(name);
    await this.failures.takeDown(docked);
  }

  /** Another generation takes the place of the one that serves, or of none; where it fails, the failure is kept. */
  async #exchange(
    docked: DockedModule,
    row: Module,
    prepare: Prepare,
    { trial }: Exchange,
    decided?: DecidedTerms,
  ): Promise<void> {
    if (docked.trial) {
      throw new NestdockError('ROLLOUT_CONFLICT', `a release of ${row.name} is on trial: DELETE …/rollout gives it up`);
    }
    try {
      const commit = this.#commit(docked, 'reload', row, decided);
      const bring = () => this.following.bring(docked, prepare, commit);
      const tryOut = (plan: TrialPlan) => this.trialRuns.begin(docked, row, plan, prepare, decided);
      await this.#needs.during(row.name, () => (trial ? tryOut(trial) : bring()));
    } catch (thrown) {
      if (docked.lifecycle.state === 'failed') this.following.retryLater(row.name);
      throw await this.failures.record(docked, thrown);
    }
    if (!trial) this.following.served(docked);
  }

  /** Whether an enabled module that this host cannot load is needed here, or may serve on other hosts. */
  async #servesOthers(name: string): Promise<boolean> {
    return this.releases.isShared || (await this.dependencyRecords.directDependents(name)).length > 0;
  }

  /** The folder as it is now. */
  async #prepare(docked: DockedModule, row: Module, permissions?: readonly string[]): Promise<Prepared> {
    return this.#prepared(docked, row, await this.releases.build(row), permissions);
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

  /** What an operator asks for is brought to all hosts before any of them serves it. */
  #commit(docked: DockedModule, kind: CommitKind, { revision }: Module, decided?: DecidedTerms): Commit {
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
const kindOf = (what: string, { revision, trial }: Exchange, detail = ''): string =>
  `${what} ${detail} ${revision ?? ''} ${trial ? JSON.stringify(trial) : ''}`;

function refuseConflict({ error }: Module): void {
  if (error?.code !== 'MODULE_NAME_CONFLICT') return;
  throw new NestdockError('MODULE_NAME_CONFLICT', error.detail, { extensions: { folders: error.folders } });
}
