import { NestdockError } from '../common/errors/nestdock-error.js';
import {
  CLUSTER_CHANNEL,
  clusterNotice,
  EMPTY_TALLY,
  trialFlaw,
  type TrialPlan,
  type TrialTally,
} from '../kernel/index.js';
import { type HostDatabase } from '../persistence/index.js';
import { abandoned } from './abandoned.js';
import { type ClusterNotices } from './cluster-notices.js';
import { type TrialStep } from './trial-steps.js';

export interface Trial {
  /** Of the rollout. */
  readonly id: string;
  readonly module: string;
  /** Of the module's row: whatever changes it ends the trial. */
  readonly revision: number;
  readonly plan: TrialPlan;
  readonly steps: readonly TrialStep[];
}

/** Gives a release that all hosts have attached its share, step by step, and watches what it does with that on all of them. */
export class TrialLeader {
  constructor(
    private readonly database: HostDatabase,
    private readonly notices: ClusterNotices,
  ) {}

  /**
   * Resolves once the last step was watched to its end.
   * @throws {NestdockError} ROLLOUT_FAILED, ROLLOUT_ABANDONED
   */
  async run(trial: Trial): Promise<void> {
    for (const step of trial.steps) {
      await this.#give(trial, step);
      await this.#watch(trial);
    }
  }

  async #give({ id, module }: Trial, step: TrialStep): Promise<void> {
    const sql = 'UPDATE nestdock.rollout SET trial = $2 WHERE id = $1';
    const { rowCount } = await this.database.pool.query(sql, [id, JSON.stringify(step)]);
    if (rowCount === 0) throw abandoned(module);
    await this.database.pool.query('SELECT pg_notify($1, $2)', [CLUSTER_CHANNEL, clusterNotice('rollout', module)]);
  }

  async #watch(trial: Trial): Promise<void> {
    const { module, plan } = trial;
    let latest: TrialTally = EMPTY_TALLY;
    const look = async () => {
      const tally = await this.#tally(trial);
      if (!tally) return 'gone';
      latest = tally;
      return trialFlaw(tally, plan) === undefined ? undefined : 'flawed';
    };
    const outcome = await this.notices.until('progress', module, look, plan.windowMs);
    if (outcome === 'gone' || this.notices.isClosed) throw abandoned(module);
    const flaw = trialFlaw(latest, plan, true);
    if (flaw === undefined) return;
    throw new NestdockError('ROLLOUT_FAILED', `the release of ${module} was on trial and did badly: ${flaw}`, {
      extensions: { strategy: plan.strategy, requests: latest.requests, errors: latest.errors },
    });
  }

  /** Of all hosts; undefined where the trial is over. */
  async #tally({ id, module, revision }: Trial): Promise<TrialTally | undefined> {
    const { rows } = await this.database.pool.query<TrialTally>(
      `SELECT coalesce(sum(p.requests), 0)::int AS requests, coalesce(sum(p.errors), 0)::int AS errors, max(p.detail) AS detail
       FROM nestdock.rollout AS r JOIN nestdock.module AS m ON m.name = r.module
       LEFT JOIN nestdock.rollout_report AS p ON p.rollout = r.id
       WHERE r.id = $1 AND m.name = $2 AND m.revision = $3 GROUP BY r.id`,
      [id, module, revision],
    );
    return rows[0];
  }
}
