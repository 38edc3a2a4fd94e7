import { NestdockError } from '../common/errors/nestdock-error.js';
import { type HostConfig } from '../config/index.js';
import { type ModuleState } from '../kernel/index.js';
import { type HostDatabase } from '../persistence/index.js';
import { type ClusterNotices } from './cluster-notices.js';
import { IS_LIVE } from './membership.js';

/** What a host may take to follow beyond a load and a drain (ms). */
const GRACE_MS = 5_000;

/** One module on one host. */
export interface HostModuleView {
  readonly name: string;
  readonly state: ModuleState;
  /** Of the module's row: what the host has made true. */
  readonly revision: number;
  readonly generation: number | null;
  readonly release: string | null;
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
            'generation', generation, 'release', release) ORDER BY module)
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

  /**
   * Resolves once every host that lives has made true what the module's row says by a revision.
   * @throws {NestdockError} CLUSTER_NOT_CONVERGED
   */
  async converged(module: string, revision: number): Promise<void> {
    let behind: readonly string[] = [];
    const look = async () => {
      behind = await this.#behind(module, revision);
      return behind.length === 0 ? true : undefined;
    };
    const deadline = this.config.loadTimeoutMs + this.config.drainTimeoutMs + GRACE_MS;
    if (await this.notices.until('progress', module, look, deadline)) return;
    throw new NestdockError('CLUSTER_NOT_CONVERGED', `${behind.join(', ')} did not follow within ${deadline} ms`, {
      extensions: { hosts: behind },
    });
  }

  async #behind(module: string, revision: number): Promise<string[]> {
    const { rows } = await this.database.pool.query<{ id: string }>(
      `SELECT h.id FROM nestdock.host AS h WHERE ${IS_LIVE} AND NOT EXISTS (
         SELECT FROM nestdock.host_module AS p WHERE p.host = h.id AND p.module = $1 AND p.revision >= $2)`,
      [module, revision],
    );
    return rows.map(({ id }) => id);
  }
}
