import { checkpoint } from '../common/checkpoint.js';
import { codedError, failureProblem } from '../common/errors/failure-problem.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type Problem } from '../common/errors/problem.js';
import { type SecretRegistry } from '../common/redaction/secret-registry.js';
import { CLUSTER_CHANNEL, clusterNotice } from '../kernel/index.js';
import { type ModuleLoaderService, type OfferedRollout } from '../lifecycle/index.js';
import { type HostDatabase } from '../persistence/index.js';
import { type ClusterNotices } from './cluster-notices.js';
import { IS_LIVE, type Membership } from './membership.js';

/** Takes part in the rollouts that other hosts lead. */
export class RolloutFollower {
  readonly #joined = new Set<string>();

  constructor(
    private readonly database: HostDatabase,
    private readonly membership: Membership,
    private readonly notices: ClusterNotices,
    private readonly loader: ModuleLoaderService,
    private readonly secrets: SecretRegistry,
    private readonly onError: (error: unknown) => void,
  ) {}

  start(): void {
    this.notices.on('rollout', () => this.look());
  }

  /** Joins what is on offer. */
  look(): void {
    this.#offers().then((offers) => {
      for (const offer of offers) {
        if (this.#joined.has(offer.id)) continue;
        this.#joined.add(offer.id);
        this.#join(offer)
          .catch(this.onError)
          .finally(() => this.#joined.delete(offer.id));
      }
    }, this.onError);
  }

  async #offers(): Promise<OfferedRollout[]> {
    const { rows } = await this.database.pool.query<OfferedRollout>(
      `SELECT r.id, r.module, r.release, r.terms, r.plan FROM nestdock.rollout AS r
       WHERE r.host <> $1 AND NOT EXISTS (SELECT FROM nestdock.rollout_report WHERE rollout = r.id AND host = $1)`,
      [this.membership.id],
    );
    return rows;
  }

  async #join(offer: OfferedRollout): Promise<void> {
    try {
      await this.loader.join(offer, {
        ready: async () => {
          await this.#report(offer, null);
          checkpoint('rollout:joined', offer.module);
        },
        isDecided: async () => {
          const isWon = await this.#isDecided(offer);
          checkpoint('rollout:decided', offer.module);
          return isWon;
        },
      });
    } catch (thrown) {
      if (thrown instanceof NestdockError && thrown.code === 'ROLLOUT_ABANDONED') return;
      await this.#report(offer, this.secrets.redact(failureProblem(codedError(thrown, 'MODULE_LOAD_FAILED'))));
    }
  }

  /** Nobody reads the word on a rollout that is gone. */
  async #report({ id, module }: OfferedRollout, error: Problem | null): Promise<void> {
    await this.database.pool.query(
      `INSERT INTO nestdock.rollout_report (rollout, host, error)
       SELECT r.id, $2, $3 FROM nestdock.rollout AS r WHERE r.id = $1 FOR KEY SHARE ON CONFLICT DO NOTHING`,
      [id, this.membership.id, error === null ? null : JSON.stringify(error)],
    );
    await this.database.pool.query('SELECT pg_notify($1, $2)', [CLUSTER_CHANNEL, clusterNotice('progress', module)]);
  }

  async #isDecided({ id, module }: OfferedRollout): Promise<boolean> {
    const look = async () => {
      await this.database.pool.query(
        `DELETE FROM nestdock.rollout AS r WHERE r.id = $1
           AND NOT EXISTS (SELECT FROM nestdock.host AS h WHERE h.id = r.host AND ${IS_LIVE})`,
        [id],
      );
      const { rows } = await this.database.pool.query<{ open: boolean; won: boolean }>(
        `SELECT EXISTS (SELECT FROM nestdock.rollout WHERE id = $1) AS open,
           EXISTS (SELECT FROM nestdock.module WHERE name = $2 AND rollout = $1) AS won`,
        [id, module],
      );
      return rows[0]?.open ? undefined : rows[0]?.won;
    };
    return (await this.notices.until('rollout', module, look)) ?? false;
  }
}
