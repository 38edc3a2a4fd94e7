import { hostId } from '../common/host-id.js';
import { CLUSTER_CHANNEL, clusterNotices, type EventBus } from '../kernel/index.js';
import { type ModuleLoaderService, type ModuleProgress } from '../lifecycle/index.js';
import { type HostDatabase } from '../persistence/index.js';
import { type ClusterNotices } from './cluster-notices.js';
import { type Membership } from './membership.js';
import { type SettingsBoard } from '../settings/index.js';

/** Notices of one transaction come one by one: they are followed together (ms). */
const GATHER_MS = 5;

/** Makes this host as the database says, module by module, and tells how far it has come. */
export class Reconciler {
  readonly #waiting = new Set<string>();
  readonly #following = new Set<string>();
  /** What was told of each module last, as text. */
  readonly #told = new Map<string, string>();
  #telling: Promise<void> = Promise.resolve();
  /** The one that has not begun as yet. */
  #nextTelling: Promise<void> | undefined;
  #gather: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    private readonly database: HostDatabase,
    private readonly membership: Membership,
    private readonly notices: ClusterNotices,
    private readonly loader: Pick<ModuleLoaderService, 'follow' | 'progress'>,
    private readonly settings: Pick<SettingsBoard, 'revisionOf' | 'onRefreshed'>,
    private readonly events: EventBus,
    private readonly onError: (error: unknown) => void,
  ) {}

  start(): void {
    this.notices.on('module', (name) => this.#touch([name]));
    this.events.subscribe(({ type, host }) => {
      if (type === 'module.state' && host === hostId()) void this.#tell();
    });
    this.settings.onRefreshed(() => void this.#tell());
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#gather);
  }

  /** Tells everything anew: nobody knows of this host any more. */
  retell(): void {
    this.#told.clear();
    void this.#tell();
  }

  /** Resolves once each module was tried that this host had not caught up with. */
  async catchUp(): Promise<void> {
    await this.#follow(await this.#behind());
  }

  /** Follows what it had not caught up with, behind the caller's back. */
  look(): void {
    this.#behind().then((names) => this.#touch(names), this.onError);
  }

  async #behind(): Promise<string[]> {
    const { rows } = await this.database.pool.query<{ name: string; revision: number }>(
      'SELECT name, revision FROM nestdock.module',
    );
    const seen = new Map(this.loader.progress().map(({ module, seenRevision }) => [module, seenRevision]));
    const changed = rows.filter(({ name, revision }) => seen.get(name) !== revision).map(({ name }) => name);
    for (const { name } of rows) seen.delete(name);
    return [...changed, ...seen.keys()];
  }

  #touch(names: readonly string[]): void {
    for (const name of names) this.#waiting.add(name);
    if (this.#waiting.size > 0 && !this.#stopped) this.#gather ??= setTimeout(() => this.#next(), GATHER_MS);
  }

  /** One at a time for each module; what comes meanwhile is followed after. */
  #next(): void {
    this.#gather = undefined;
    const names = [...this.#waiting].filter((name) => !this.#following.has(name));
    for (const name of names) this.#waiting.delete(name);
    if (names.length > 0) this.#follow(names).catch(this.onError);
  }

  async #follow(names: readonly string[]): Promise<void> {
    for (const name of names) this.#following.add(name);
    await this.loader.follow(names, (name) => {
      this.#following.delete(name);
      void this.#tell();
      this.#touch([]);
    });
    await this.#tell();
  }

  /** Writes what has changed of this host's progress; what changes while one is being written goes out with the next. */
  #tell(): Promise<void> {
    this.#nextTelling ??= this.#telling = this.#telling.then(() => {
      this.#nextTelling = undefined;
      return this.#tellNow().catch(this.onError);
    });
    return this.#nextTelling;
  }

  async #tellNow(): Promise<void> {
    const progress = this.loader
      .progress()
      .map((now) => ({ ...now, settings: this.settings.revisionOf(now.module) ?? 0 }));
    await this.#forgetAllBut(progress);
    const changed = progress.filter((now) => this.#told.get(now.module) !== textOf(now));
    if (changed.length === 0 || this.#stopped) return;
    await this.database.pool.query(
      `INSERT INTO nestdock.host_module (host, module, state, revision, generation, release, settings, error)
       SELECT $1, p.module, p.state, p.revision, p.generation, p.release, p.settings, nullif(p.error, 'null')
       FROM jsonb_to_recordset($2) AS p
         (module text, state text, revision integer, generation integer, release text, settings integer,
          error jsonb)
       ON CONFLICT (host, module) DO UPDATE SET state = excluded.state, revision = excluded.revision,
         generation = excluded.generation, release = excluded.release, settings = excluded.settings,
         error = excluded.error,
         updated_at = clock_timestamp()`,
      [this.membership.id, JSON.stringify(changed)],
    );
    for (const now of changed) this.#told.set(now.module, textOf(now));
    await this.database.pool.query('SELECT pg_notify($1, n) FROM unnest($2::text[]) AS n', [
      CLUSTER_CHANNEL,
      clusterNotices(
        'progress',
        changed.map(({ module }) => module),
      ),
    ]);
  }

  async #forgetAllBut(progress: readonly ModuleProgress[]): Promise<void> {
    const known = new Set(progress.map(({ module }) => module));
    const gone = [...this.#told.keys()].filter((name) => !known.has(name));
    if (gone.length === 0) return;
    const sql = 'DELETE FROM nestdock.host_module WHERE host = $1 AND module = ANY($2)';
    await this.database.pool.query(sql, [this.membership.id, gone]);
    for (const name of gone) this.#told.delete(name);
  }
}

const textOf = (progress: ModuleProgress): string => JSON.stringify(progress);
