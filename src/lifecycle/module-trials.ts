import { Injectable } from '@nestjs/common';
import { ModuleIncidents } from '../circuit/index.js';
import { type TrialPlan, TrialShare, type TrialTally } from '../kernel/index.js';
import { type DockedModule } from './docked-module.js';
import { DockedModules } from './docked-modules.js';
import { DockedTrial } from './docked-trial.js';
import { type Commit, type OnTrialEnd, type Prepare } from './module-lifecycle.js';

/** One trial on this host, as it goes. */
export interface TrialProgress {
  readonly module: string;
  /** Id of the rollout. */
  readonly rollout: string;
  readonly tally: TrialTally;
}

/** Generations that serve a share of what comes in, until it is decided whether they serve all. */
@Injectable()
export class ModuleTrials {
  constructor(
    private readonly docked: DockedModules,
    private readonly incidents: ModuleIncidents,
  ) {}

  /**
   * To be called in the module's queue: attaches a generation beside the one that serves, with no share as yet.
   * @param commit as for a load, and given the rollout that it is part of
   */
  async begin(docked: DockedModule, rollout: string, plan: TrialPlan, prepare: Prepare, commit: Commit): Promise<void> {
    let countAgain = (): void => undefined;
    const share = new TrialShare(rollout);
    const attached: Commit = async (generation) => {
      const trial = new DockedTrial(rollout, plan, generation, share);
      countAgain = this.incidents.setApart(generation.name, generation.number, ({ detail }) => trial.fail(detail));
      try {
        await commit(generation);
      } catch (error) {
        countAgain();
        throw error;
      }
      docked.trial = trial;
    };
    const ended: OnTrialEnd = (gone) => {
      docked.trial = undefined;
      // What it does while it drains is not the doing of the generation that serves either.
      void gone.then(countAgain);
    };
    await docked.lifecycle.tryOut(prepare, attached, share, ended);
  }

  all(): TrialProgress[] {
    return this.#open().map(({ lifecycle: { name: module }, trial: { rollout, tally } }) => ({
      module,
      rollout,
      tally,
    }));
  }

  /** Gives a trial that is here its share; one that does badly here gets none. */
  give(rollout: string, percent: number): void {
    this.#open()
      .find(({ trial }) => trial.rollout === rollout)
      ?.trial.give(percent);
  }

  /** The generation that serves gets its share back, where that trial is still on. */
  end(module: string, rollout: string): Promise<void> {
    return this.docked.takeBack(module, `end ${rollout}`, (docked) => {
      if (docked.trial?.rollout === rollout) docked.lifecycle.endTrial();
      return Promise.resolve();
    });
  }

  #open() {
    return this.docked.all().flatMap(({ lifecycle, trial }) => (trial ? [{ lifecycle, trial }] : []));
  }
}
