import { NestdockError } from '../common/errors/nestdock-error.js';
import { type Problem } from '../common/errors/problem.js';
import { type HostConfig } from '../config/index.js';
import { CLUSTER_CHANNEL, clusterNotice, type ModuleState, type RolloutStrategy } from '../kernel/index.js';
import { type HostDatabase } from '../persistence/index.js';
import { type ClusterNotices } from './cluster-notices.js';
import { IS_LIVE } from './membership.js';

/** What a host may take to follow beyond a load and a drain (ms). */
const GRACE_MS = 5_000;

/** A host's progress with a module. */
const PROGRESS = 'SELECT FROM nestdock.host_module AS p WHERE p.host = h.id AND p.module = $1';

/** One module on one host. */
export interface HostModuleView {
  readonly name: string;
  readonly state: ModuleState;
  /** Of the module's row: what the host has made true. */
  readonly revision: number;
  readonly generation: number | null;
  readonly release: string | null;
  /** Revision of the settings that it has there. */
  readonly settings: number;
  /** What went wrong with it there last; null once it serves. */
  readonly error: Problem | null;
}

export interface HostView {
  readonly id: string;
  readonly version: string;
  readonly address: string;
  /** ISO 8601, by the database's clock. */
  readonly startedAt: string;
  readonly seenAt: string;
  /** `live`: seen lately, nothing to do. `behind`: seen lately. `lost`: nobody waits for it any more. */
  readonly state: 'live' | 'behind' | 'lost';
  /** Modules that it has not caught up with. */
  readonly lag: number;
  readonly modules: readonly HostModuleView[];
}

/** What is being brought to the hosts, before it serves on all. */
export interface RolloutView {
  readonly id: string;
  readonly module: string;
  /** Digest. */
  readonly release: string;
  /** Id of the one that leads it. */
  readonly host: string;
  readonly strategy: RolloutStrategy;
  /** Of the users, on the hosts that try it; null while nobody does. */
  readonly percent: number | null;
  /** Ids of the hosts that try it; null: all, or none as yet. */
  readonly hosts: readonly string[] | null;
  /** What it was given on trial, and what went wrong with that. */
  readonly requests: number;
  readonly errors: number;
}

interface HostRecord extends Omit<HostView, 'state' | 'startedAt' | 'seenAt'> {
  readonly startedAt: Date;
  readonly seenAt: Date;
  readonly isLive: boolean;
}

/** How far all hosts are, as any of them can read it. */
export class ClusterState {
  constructor(
    private readonly database: HostDatabase,
    private readonly notices: ClusterNotices,
    private readonly config: HostConfig,
  ) {}

  async hosts(): Promise<HostView[]> {
    const { rows } = await this.database.pool.query<HostRecord>(
      `SELECT h.id, h.version, h.address, h.started_at AS "startedAt", h.seen_at AS "seenAt", ${IS_LIVE} AS "isLive",
         (SELECT count(*)::int FROM nestdock.module AS m WHERE NOT EXISTS (
            SELECT FROM nestdock.host_module WHERE host = h.id AND module = m.name AND revision = m.revision)) AS lag,
         coalesce((SELECT jsonb_agg(jsonb_build_object('name', module, 'state', state, 'revision', revision,
            'generation', generation, 'release', release, 'settings', settings, 'error', error) ORDER BY module)
            FROM nestdock.host_module WHERE host = h.id), '[]') AS modules
       FROM nestdock.host AS h ORDER BY h.id`,
    );
    return rows.map(({ isLive, startedAt, seenAt, ...host }) => ({
      ...host,
      startedAt: startedAt.toISOString(),
      seenAt: seenAt.toISOString(),
      state: !isLive ? 'lost' : host.lag > 0 ? 'behind' : 'live',
    }));
  }

  async rollouts(): Promise<RolloutView[]> {
    const { rows } = await this.database.pool.query<RolloutView>(
      `SELECT r.id, r.module, r.release, r.host, coalesce(r.plan ->> 'strategy', 'all') AS strategy,
         (r.trial -> 'percent')::int AS percent, nullif(r.trial -> 'hosts', 'null') AS hosts,
         coalesce(sum(p.requests), 0)::int AS requests, coalesce(sum(p.errors), 0)::int AS errors
       FROM nestdock.rollout AS r LEFT JOIN nestdock.rollout_report AS p ON p.rollout = r.id
       GROUP BY r.module ORDER BY r.module`,
    );
    return rows;
  }

  /** @throws {NestdockError} ROLLOUT_UNKNOWN */
  async abandon(module: string): Promise<void> {
    const { pool } = this.database;
    const { rowCount } = await pool.query('DELETE FROM nestdock.rollout WHERE module = $1', [module]);
    if (rowCount === 0) throw new NestdockError('ROLLOUT_UNKNOWN', `nothing of ${module} is on its way to the hosts`);
    await pool.query('SELECT pg_notify($1, $2)', [CLUSTER_CHANNEL, clusterNotice('rollout', module)]);
  }

  /**
   * Resolves once every host that lives has made true what the module's row says by a revision.
   * @throws {NestdockError} CLUSTER_NOT_CONVERGED
   */
  async converged(module: string, revision: number): Promise<void> {
    const hasIt = 'AND p.revision >= $2';
    await this.#all(module, () => this.#without(`NOT EXISTS (${PROGRESS} ${hasIt})`, module, revision));
  }

  /**
   * Resolves once the module has these settings on every host that lives and serves it.
   * @throws {NestdockError} CLUSTER_NOT_CONVERGED
   */
  async settingsConverged(module: string, revision: number): Promise<void> {
    const lacksThem = 'AND p.generation IS NOT NULL AND p.settings < $2';
    await this.#all(module, () => this.#without(`EXISTS (${PROGRESS} ${lacksThem})`, module, revision));
  }

  async #all(module: string, hostsBehind: () => Promise<readonly string[]>): Promise<void> {
    let behind: readonly string[] = [];
    const look = async () => {
      behind = await hostsBehind();
      return behind.length === 0 ? true : undefined;
    };
    const deadline = this.config.loadTimeoutMs + this.config.drainTimeoutMs + GRACE_MS;
    if (await this.notices.until('progress', module, look, deadline)) return;
    throw new NestdockError('CLUSTER_NOT_CONVERGED', `${behind.join(', ')} did not follow within ${deadline} ms`, {
      extensions: { hosts: behind },
    });
  }

  async #without(condition: string, module: string, revision: number): Promise<string[]> {
    const { rows } = await this.database.pool.query<{ id: string }>(
      `SELECT h.id FROM nestdock.host AS h WHERE ${IS_LIVE} AND ${condition}`,
      [module, revision],
    );
    return rows.map(({ id }) => id);
  }
}
