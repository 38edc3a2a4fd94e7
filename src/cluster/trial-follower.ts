import { CLUSTER_CHANNEL, clusterNotice } from '../kernel/index.js';
import { type ModuleTrials, type TrialProgress } from '../lifecycle/index.js';
import { type HostDatabase } from '../persistence/index.js';
import { type ClusterNotices } from './cluster-notices.js';
import { IS_LIVE, type Membership } from './membership.js';
import { type TrialStep } from './trial-steps.js';

/** While anything is on trial here (ms). */
const LOOK_EVERY_MS = 200;

interface OpenTrial {
  readonly id: string;
  readonly trial: TrialStep | null;
}

/** Gives what is on trial on this host the share that its rollout says, ends it with that, and tells how it does. */
export class TrialFollower {
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  /** By rollout, what was told last, as text. */
  readonly #told = new Map<string, string>();

  constructor(
    private readonly database: HostDatabase,
    private readonly membership: Membership,
    private readonly notices: ClusterNotices,
    private readonly trials: ModuleTrials,
    private readonly onError: (error: unknown) => void,
  ) {}

  start(): void {
    this.notices.on('rollout', () => this.look());
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  look(): void {
    if (this.trials.all().length === 0) return this.#told.clear();
    this.#looking = this.#looking.then(() => this.#lookNow()).catch(this.onError);
  }

  async #lookNow(): Promise<void> {
    const here = this.trials.all();
    const open = new Map((await this.#open(here)).map(({ id, trial }) => [id, trial]));
    for (const { module, rollout } of here) {
      const step = open.get(rollout);
      if (step === undefined) await this.#ended(module, rollout);
      else this.trials.give(rollout, step && (step.hosts?.includes(this.membership.id) ?? true) ? step.percent : 0);
    }
    for (const progress of here) if (open.has(progress.rollout)) await this.#tell(progress);
  }

  async #open(here: readonly TrialProgress[]): Promise<OpenTrial[]> {
    const { rows } = await this.database.pool.query<OpenTrial>(
      `SELECT r.id, r.trial FROM nestdock.rollout AS r JOIN nestdock.host AS h ON h.id = r.host
       WHERE r.id = ANY($1) AND ${IS_LIVE}`,
      [here.map(({ rollout }) => rollout)],
    );
    return rows;
  }

  /** One that was won is promoted as the module's row is followed. */
  async #ended(module: string, rollout: string): Promise<void> {
    const sql = 'SELECT FROM nestdock.module WHERE name = $1 AND rollout = $2';
    const { rowCount } = await this.database.pool.query(sql, [module, rollout]);
    if (rowCount === 0) await this.trials.end(module, rollout);
  }

  async #tell({ module, rollout, tally }: TrialProgress): Promise<void> {
    const text = JSON.stringify(tally);
    if (this.#told.get(rollout) === text) return;
    await this.database.pool.query(
      `INSERT INTO nestdock.rollout_report (rollout, host, requests, errors, detail)
       SELECT r.id, $2, $3, $4, $5 FROM nestdock.rollout AS r WHERE r.id = $1 FOR KEY SHARE
       ON CONFLICT (rollout, host) DO UPDATE
         SET requests = excluded.requests, errors = excluded.errors, detail = excluded.detail`,
      [rollout, this.membership.id, tally.requests, tally.errors, tally.detail],
    );
    this.#told.set(rollout, text);
    if (tally.errors > 0) {
      await this.database.pool.query('SELECT pg_notify($1, $2)', [CLUSTER_CHANNEL, clusterNotice('progress', module)]);
    }
  }
}
