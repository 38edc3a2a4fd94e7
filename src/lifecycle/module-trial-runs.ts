import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type OfferedTrial, ROLLOUTS, type Rollouts, type TrialPlan } from '../kernel/index.js';
import { type Module } from '../persistence/index.js';
import { type DockedModule } from './docked-module.js';
import { DockedModules } from './docked-modules.js';
import { trialImpossible } from './lifecycle-errors.js';
import { ModuleFailures } from './module-failures.js';
import { ModuleFollowing } from './module-following.js';
import { type Commit, type Prepare } from './module-lifecycle.js';
import { type DecidedTerms } from './module-records.js';
import { ModuleReleases } from './module-releases.js';
import { ModuleTransactions } from './module-transactions.js';
import { ModuleTrials } from './module-trials.js';

/** The trials that this host leads. They go on in nobody's queue: a module on trial may be disabled like any other. */
@Injectable()
export class ModuleTrialRuns {
  readonly #runs = new Map<string, Promise<void>>();

  constructor(
    private readonly docked: DockedModules,
    private readonly trials: ModuleTrials,
    private readonly releases: ModuleReleases,
    private readonly transactions: ModuleTransactions,
    private readonly failures: ModuleFailures,
    private readonly following: ModuleFollowing,
    @Inject(ROLLOUTS) private readonly rollouts: Rollouts,
  ) {}

  /**
   * To be called in the module's queue: has the release attached on all hosts, and begins to try it.
   * @param decided what an operator has decided with it
   * @throws {NestdockError} TRIAL_IMPOSSIBLE, and what a load fails with
   */
  async begin(
    docked: DockedModule,
    row: Module,
    plan: TrialPlan,
    prepare: Prepare,
    decided: DecidedTerms | undefined,
  ): Promise<void> {
    const { name, state } = docked.lifecycle;
    if (state !== 'active') throw trialImpossible(name, 'nothing of it serves beside which it could be tried');
    const next = await prepare();
    if (next.release.manifest.reload === 'stop-start') throw trialImpossible(name, 'its generations must never meet');
    const id = randomUUID();
    let offered: OfferedTrial | undefined;
    const offer: Commit = async (generation) => {
      await this.releases.keep(generation.release);
      offered = await this.rollouts.offerTrial(id, generation, plan);
    };
    try {
      await this.trials.begin(docked, id, plan, () => Promise.resolve(next), offer);
    } catch (error) {
      await offered?.abandon();
      throw error;
    }
    if (!offered) throw new Error(`the trial of ${name} was not offered`);
    const running = this.#run(docked, row, offered, decided).finally(() => {
      if (this.#runs.get(name) === running) this.#runs.delete(name);
    });
    this.#runs.set(name, running);
    // How it ends is kept with the module; nobody need wait for it.
    running.catch(() => undefined);
  }

  /** Whether this host leads a trial of the module. */
  isRunning(name: string): boolean {
    return this.#runs.has(name);
  }

  /**
   * Resolves once no trial of the module is led by this host any more.
   * @throws {NestdockError} what it failed with: ROLLOUT_FAILED, ROLLOUT_ABANDONED
   */
  async ended(name: string): Promise<void> {
    await this.#runs.get(name);
  }

  async #run(docked: DockedModule, row: Module, trial: OfferedTrial, decided?: DecidedTerms): Promise<void> {
    const { name } = row;
    const commit: Commit = (generation) =>
      this.transactions.serving(generation, 'reload', {
        rollout: trial,
        revision: row.revision,
        ...(decided && { decided }),
      });
    try {
      await trial.run(row.revision);
      await this.docked.run(name, `promote ${trial.id}`, () => this.#promote(docked, trial, commit));
    } catch (thrown) {
      await this.trials.end(name, trial.id);
      await trial.abandon();
      throw await this.failures.record(docked, thrown);
    }
  }

  async #promote(docked: DockedModule, { id }: OfferedTrial, commit: Commit): Promise<void> {
    if (docked.trial?.rollout !== id) {
      throw new NestdockError('ROLLOUT_ABANDONED', `${docked.lifecycle.name} was changed while a release was on trial`);
    }
    await docked.lifecycle.promote(commit);
    docked.rollout = id;
    this.following.served(docked);
  }
}
