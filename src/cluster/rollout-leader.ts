import { randomUUID } from 'node:crypto';
import { type EntityManager } from 'typeorm';
import { checkpoint } from '../common/checkpoint.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type Problem } from '../common/errors/problem.js';
import { type HostConfig } from '../config/index.js';
import {
  CLUSTER_CHANNEL,
  clusterNotice,
  type Generation,
  type OfferedTrial,
  type PreparedRollout,
  type Rollouts,
  type TrialPlan,
} from '../kernel/index.js';
import { type HostDatabase } from '../persistence/index.js';
import { type ClusterNotices } from './cluster-notices.js';
import { IS_LIVE, type Membership } from './membership.js';
import { abandoned } from './abandoned.js';
import { type TrialLeader } from './trial-leader.js';
import { trialSteps } from './trial-steps.js';

/** What other hosts may take beyond the load itself, such as for an operation on the module that is under way there (ms). */
const GRACE_MS = 5_000;

interface Report {
  readonly host: string;
  readonly isReady: boolean;
  readonly error: Problem | null;
}

/**
 * Has every live host attach a release before any serves it. The offer is a row that this host alone takes away: in the
 * transaction that enables the release, or without it. Where this host dies, any other takes the row away.
 */
export class RolloutLeader implements Rollouts {
  constructor(
    private readonly database: HostDatabase,
    private readonly membership: Membership,
    private readonly notices: ClusterNotices,
    private readonly trials: TrialLeader,
    private readonly config: HostConfig,
  ) {}

  async prepare(generation: Generation): Promise<PreparedRollout> {
    const id = randomUUID();
    const others = this.database.kind === 'postgres' ? await this.membership.others() : [];
    if (others.length === 0) return { id, decide: nothing, abandon: nothing };
    return this.#prepare(id, generation, others, null);
  }

  async offerTrial(id: string, generation: Generation, plan: TrialPlan): Promise<OfferedTrial> {
    const others = await this.membership.others();
    const prepared = await this.#prepare(id, generation, others, plan);
    const steps = trialSteps(plan, [...others, this.membership.id]);
    const run = (revision: number) => this.trials.run({ id, module: generation.name, revision, plan, steps });
    return { ...prepared, run };
  }

  async #prepare(
    id: string,
    generation: Generation,
    others: readonly string[],
    plan: TrialPlan | null,
  ): Promise<PreparedRollout> {
    const { name } = generation;
    const abandon = () => this.#withdraw(id, name);
    await this.#offer(id, generation, plan);
    checkpoint('rollout:offered', name);
    try {
      await this.#allReady(id, name, others);
      checkpoint('rollout:ready', name);
    } catch (error) {
      await abandon();
      throw error;
    }
    return { id, decide: (transaction) => decide(transaction, id, name), abandon };
  }

  async #offer(id: string, { name, release, terms }: Generation, plan: TrialPlan | null): Promise<void> {
    const insert = () =>
      this.database.pool.query(
        `INSERT INTO nestdock.rollout (module, id, host, release, terms, plan) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (module) DO NOTHING`,
        [name, id, this.membership.id, release.digest, JSON.stringify(terms), plan && JSON.stringify(plan)],
      );
    if ((await insert()).rowCount === 0) {
      await this.database.pool.query(
        `DELETE FROM nestdock.rollout AS r WHERE r.module = $1
           AND NOT EXISTS (SELECT FROM nestdock.host AS h WHERE h.id = r.host AND ${IS_LIVE})`,
        [name],
      );
      if ((await insert()).rowCount === 0) {
        throw new NestdockError('ROLLOUT_CONFLICT', `another release of ${name} is just being brought to all hosts`);
      }
    }
    await this.#notify(name);
  }

  /** @throws ROLLOUT_FAILED as soon as one host cannot, or at the deadline */
  async #allReady(id: string, name: string, others: readonly string[]): Promise<void> {
    let latest: readonly Report[] = [];
    const look = async () => {
      if (!(await this.#isOpen(id))) return 'gone';
      latest = await this.#reports(id, others);
      if (latest.some(({ error }) => error)) return 'failed';
      return latest.every(({ isReady }) => isReady) ? 'ready' : undefined;
    };
    const deadline = this.config.loadTimeoutMs + this.config.drainTimeoutMs + GRACE_MS;
    const outcome = await this.notices.until('progress', name, look, deadline);
    if (outcome === 'ready') return;
    if (outcome === 'gone') throw abandoned(name);
    const whoFailed = latest.filter(({ isReady, error }) => (outcome === 'failed' ? error : !isReady));
    const what = whoFailed.map(({ host, error }) => `${host}: ${error?.detail ?? `no word within ${deadline} ms`}`);
    throw new NestdockError(
      'ROLLOUT_FAILED',
      `the release of ${name} cannot be served everywhere; ${what.join('; ')}`,
      {
        extensions: { hosts: whoFailed.map(({ host, error }) => ({ host, error })) },
      },
    );
  }

  /** Others take it away where this host was gone for too long. */
  async #isOpen(id: string): Promise<boolean> {
    const { rowCount } = await this.database.pool.query('SELECT FROM nestdock.rollout WHERE id = $1', [id]);
    return rowCount === 1;
  }

  /** Of the hosts that live still. */
  async #reports(id: string, hosts: readonly string[]): Promise<Report[]> {
    const { rows } = await this.database.pool.query<Report>(
      `SELECT h.id AS host, r.host IS NOT NULL AS "isReady", r.error FROM nestdock.host AS h
       LEFT JOIN nestdock.rollout_report AS r ON r.rollout = $1 AND r.host = h.id
       WHERE h.id = ANY($2) AND ${IS_LIVE}`,
      [id, hosts],
    );
    return rows;
  }

  async #withdraw(id: string, name: string): Promise<void> {
    await this.database.pool.query('DELETE FROM nestdock.rollout WHERE id = $1', [id]);
    await this.#notify(name);
  }

  async #notify(name: string): Promise<void> {
    await this.database.pool.query('SELECT pg_notify($1, $2)', [CLUSTER_CHANNEL, clusterNotice('rollout', name)]);
  }
}

const nothing = (): Promise<void> => Promise.resolve();

async function decide(transaction: EntityManager, id: string, name: string): Promise<void> {
  const [, count] = await transaction.query<[unknown, number]>('DELETE FROM nestdock.rollout WHERE id = $1', [id]);
  if (count === 0) throw abandoned(name);
  await transaction.query('SELECT pg_notify($1, $2)', [CLUSTER_CHANNEL, clusterNotice('rollout', name)]);
}
