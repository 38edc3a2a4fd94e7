import { Inject, Injectable } from '@nestjs/common';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { Semaphore } from '../common/semaphore.js';
import { type ModuleTerms, type Release, type TrialPlan } from '../kernel/index.js';
import { type Module } from '../persistence/index.js';
import { BackOff } from './back-off.js';
import { type DockedModule } from './docked-module.js';
import { DockedModules } from './docked-modules.js';
import { LoadJournal } from './load-journal.js';
import { ModuleDependencies } from './module-dependencies.js';
import { ModuleFailures, wasTakenAway } from './module-failures.js';
import { type Commit, type Prepare, type Prepared } from './module-lifecycle.js';
import { ModuleQuarantine } from './module-quarantine.js';
import { ModuleRecords } from './module-records.js';
import { ModuleReleases } from './module-releases.js';
import { moduleTerms } from './module-terms.js';
import { ModuleTrials } from './module-trials.js';
import { ModuleTransactions } from './module-transactions.js';

/** A release that another host has asked this one to get ready. */
export interface OfferedRollout {
  readonly id: string;
  readonly module: string;
  /** Digest of the release. */
  readonly release: string;
  readonly terms: ModuleTerms;
  /** null: it serves all as soon as it serves. */
  readonly plan: TrialPlan | null;
}

/** How a host that takes part in a rollout talks with the one that leads it. */
export interface RolloutWord {
  /** All is attached, and nothing serves yet. */
  ready(): Promise<void>;
  /** Resolves once that is known: whether the generation is to serve. */
  isDecided(): Promise<boolean>;
}

/**
 * Makes this host as the database says, one module at a time, each in the module's queue. What fails is tried again.
 */
@Injectable()
export class ModuleFollowing {
  readonly #backOff = new BackOff();

  constructor(
    private readonly docked: DockedModules,
    private readonly records: ModuleRecords,
    private readonly transactions: ModuleTransactions,
    private readonly releases: ModuleReleases,
    private readonly dependencies: ModuleDependencies,
    private readonly failures: ModuleFailures,
    private readonly quarantine: ModuleQuarantine,
    private readonly trials: ModuleTrials,
    private readonly journal: LoadJournal,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Loads a module that is enabled and does not serve here; where that fails, it is tried again later.
   * @param places to wait for one before anything is built
   * @returns whether the module serves now
   */
  load(name: string, places = new Semaphore(1)): Promise<boolean> {
    return this.docked.run(name, 'load', async (docked) => {
      const row = await this.records.find(name);
      if (row?.status !== 'ENABLED') return docked.lifecycle.state === 'active';
      return this.catchUp(docked, row, places);
    });
  }

  /**
   * Makes this host as the module's row says by now: loads it, swaps it or takes it down.
   * @param wish names what is to be followed: a later wish is never taken for one that is under way
   */
  follow(name: string, wish: string): Promise<boolean> {
    return this.docked.run(name, `follow ${wish}`, async (docked) => {
      const row = await this.records.find(name);
      if (row?.status === 'ENABLED') return this.catchUp(docked, row);
      this.forget(name);
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
  join({ id, module: name, release: digest, terms, plan }: OfferedRollout, word: RolloutWord): Promise<void> {
    return this.docked.run(name, `join ${id}`, async (docked) => {
      const { lifecycle } = docked;
      const row = await this.records.get(name);
      const release = await this.releases.kept(digest, row);
      const decided = async () => {
        await word.ready();
        if (await word.isDecided()) return;
        throw new NestdockError('ROLLOUT_ABANDONED', `the rollout of ${name} was given up`);
      };
      const prepare = async () => {
        // Other hosts have come to serve what it needs: this one may be about to. Down the dependencies only, and no
        // further, so that no two operations wait for each other.
        for (const needed of Object.keys(release.manifest.dependencies ?? {})) await this.load(needed);
        return this.#prepareLoad(docked, release, terms);
      };
      if (plan && lifecycle.state === 'active') {
        return this.trials.begin(docked, id, plan, prepare, () => word.ready());
      }
      if (lifecycle.state !== 'active') {
        await lifecycle.load(prepare, decided, row.status === 'ENABLED' ? 'failed' : 'idle');
      } else if (release.manifest.reload === 'stop-start') {
        await decided(); // the old one may only stop once the new one is to serve
        await lifecycle.restart(prepare, () => Promise.resolve());
      } else {
        await lifecycle.replace(prepare, decided);
      }
      docked.rollout = id;
      this.served(docked);
    });
  }

  /** What failed of a module is not tried again. */
  forget(name: string): void {
    this.#backOff.clear(name);
  }

  /** Nothing is tried again from now on. */
  stop(): void {
    this.#backOff.clearAll();
  }

  /**
   * To be called in the module's queue: makes this host serve an enabled module by the rollout that its row names.
   * @returns whether it serves now
   */
  async catchUp(docked: DockedModule, row: Module, places = new Semaphore(1)): Promise<boolean> {
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
      if (docked.trial && docked.trial.rollout === row.rollout) {
        await lifecycle.promote(this.#commit(docked, row));
        return this.#caughtUp(docked, row);
      }
      const prepare = async () => {
        const release = await this.releases.wanted(row);
        return this.#prepareLoad(docked, release, moduleTerms(row, release));
      };
      await this.bring(docked, prepare, this.#commit(docked, row));
    } catch (thrown) {
      await this.#loadFailed(docked, thrown);
      return lifecycle.state === 'active';
    } finally {
      leave();
    }
    return this.#caughtUp(docked, row);
  }

  /** A generation serves that did not before. */
  served(docked: DockedModule): void {
    const { name } = docked.lifecycle;
    docked.error = null;
    this.forget(name);
    this.quarantine.forget(name);
    this.#wakeDependents(name);
  }

  /** Beside what serves, in its place where the two must not meet, or where nothing serves. */
  async bring({ lifecycle }: DockedModule, prepare: Prepare, commit: Commit): Promise<void> {
    if (lifecycle.state !== 'active') return void (await lifecycle.load(prepare, commit, 'failed'));
    const next = await prepare();
    const prepared = () => Promise.resolve(next);
    if (next.release.manifest.reload === 'stop-start') await lifecycle.restart(prepared, commit);
    else await lifecycle.replace(prepared, commit);
  }

  #caughtUp(docked: DockedModule, { revision }: Module): boolean {
    docked.revision = revision;
    this.served(docked);
    return true;
  }

  async #prepareLoad(docked: DockedModule, release: Release, terms: ModuleTerms): Promise<Prepared> {
    this.journal.assertInnocent(release);
    docked.needs = Object.keys(release.manifest.dependencies ?? {});
    await this.dependencies.assertServing(release);
    return { release, terms };
  }

  async #loadFailed(docked: DockedModule, thrown: unknown): Promise<void> {
    if (wasTakenAway(thrown)) return this.failures.takeDown(docked);
    if (thrown instanceof NestdockError && thrown.code === 'MODULE_KILLED_HOST')
      return this.quarantine.convict(docked, thrown);
    await this.failures.record(docked, thrown);
    this.retryLater(docked.lifecycle.name);
  }

  /** What failed here while this module did not serve, or served another version, may go well now. */
  #wakeDependents(name: string): void {
    for (const { lifecycle, needs } of this.docked.all()) {
      if (lifecycle.state === 'failed' && needs.includes(name)) this.#retry(lifecycle.name);
    }
  }

  retryLater(name: string): void {
    if (!this.docked.isClosed) this.#backOff.schedule(name, () => this.#retry(name));
  }

  /** Tries at once what failed before. */
  #retry(name: string): void {
    this.load(name).catch((error: unknown) => {
      if (this.docked.isClosed) return;
      this.logger.error({ module: name, err: error }, 'trying again to load the module failed');
      this.retryLater(name);
    });
  }

  #commit(docked: DockedModule, { revision, rollout }: Module): Commit {
    return async (generation) => {
      await this.transactions.serving(generation, 'load', { revision });
      docked.rollout = rollout;
    };
  }
}

function isServedAsWanted({ lifecycle, rollout }: DockedModule, row: Module): boolean {
  const { serving } = lifecycle;
  if (!serving || rollout !== row.rollout) return false;
  return serving.isolation === (row.isolation ?? serving.release.manifest.isolation ?? 'inline');
}
