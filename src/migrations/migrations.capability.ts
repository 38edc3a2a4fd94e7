import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { type DataSource, type EntityManager } from 'typeorm';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { type Undo } from '../common/undo-stack.js';
import { HOST_CONFIG, type HostConfig } from '../config/index.js';
import { type Capability, type Generation, type Release } from '../kernel/index.js';
import { HOST_DATA_SOURCE } from '../persistence/index.js';
import { compareHistory, type History } from './history.js';
import { refuseProblems } from './history-refusal.js';
import { deleteRecords, type Queryable, readHistory } from './migration-records.js';
import { MigrationRun } from './migration-run.js';
import { withSession } from './migration-session.js';
import { planSteps, refuseSteps } from './migration-step.js';
import { tryLockInTransaction } from './module-lock.js';

/** What the lifecycle waits longer than the migrations themselves may take, for them to be taken back. */
const GRACE_MS = 10_000;

/** Brings a module's tables up to its release, before anything else of the release is made. */
@Injectable()
export class MigrationsCapability implements Capability {
  readonly name = 'migrations';
  readonly attachTimeoutMs: number;
  /** Digest of the release that has served last on this host, by module: the one to fall back to. */
  readonly #served = new Map<string, string>();

  constructor(
    @InjectDataSource(HOST_DATA_SOURCE) private readonly host: DataSource,
    @Inject(HOST_CONFIG) private readonly config: Pick<HostConfig, 'migrationTimeoutMs'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.attachTimeoutMs = config.migrationTimeoutMs + GRACE_MS;
  }

  /**
   * What is interrupted is left to {@link attach}: another host may be at work on it.
   * @throws {NestdockError} MIGRATION_CHANGED, MIGRATION_MISSING, MIGRATION_OUT_OF_ORDER
   */
  async check(release: Release): Promise<void> {
    const { problems } = await this.#compare(release, this.host);
    refuseProblems(
      release,
      problems.filter(({ code }) => code !== 'MIGRATION_INTERRUPTED'),
    );
  }

  /**
   * @throws {NestdockError} as {@link check} does, or MIGRATION_INTERRUPTED, before anything runs; MIGRATION_INVALID, MIGRATION_FAILED, MIGRATION_TIMEOUT
   */
  async attach(generation: Generation): Promise<Undo> {
    const { release } = generation;
    if (generation.isolation === 'process') {
      // Its own process applies them: classes among them are the module's code.
      generation.provide('fallsBack', this.#fallsBack(release));
      return () => undefined;
    }
    let history = await this.#compare(release, this.host);
    // A host that is at work on them right now shows in the records too: only who has the lock can tell.
    if (history.pending.length > 0 || history.problems.length > 0) history = await this.#apply(generation);
    this.#warnOfNewer(release, history);
    return () => undefined;
  }

  /** A rollback on another host waits for this transaction, or has this one wait. */
  async record({ release }: Generation, transaction: EntityManager): Promise<void> {
    if (release.migrations.length === 0) return;
    const rows = await readHistory(transaction, release.name);
    const done = new Set(rows.flatMap(({ name, status }) => (status === 'done' ? name : [])));
    const gone = release.migrations.flatMap(({ name }) => (done.has(name) ? [] : name));
    if (gone.length === 0) return;
    throw new NestdockError(
      'MIGRATIONS_ROLLED_BACK',
      `${gone.join(', ')} of ${release.name} was rolled back meanwhile`,
    );
  }

  serve({ name, release }: Generation): () => void {
    this.#served.set(name, release.digest);
    return () => undefined;
  }

  /** @throws {NestdockError} MIGRATIONS_RUNNING */
  async purge(moduleName: string, transaction: EntityManager): Promise<void> {
    if (!(await tryLockInTransaction(transaction, moduleName))) {
      throw new NestdockError('MIGRATIONS_RUNNING', `a host is at work on the migrations of ${moduleName}`);
    }
    await deleteRecords(transaction, moduleName);
    this.#served.delete(moduleName);
  }

  async #compare(release: Release, database: Queryable): Promise<History> {
    return compareHistory(release, await readHistory(database, release.name), this.#fallsBack(release));
  }

  #fallsBack({ name, digest }: Release): boolean {
    return this.#served.get(name) === digest;
  }

  async #apply(generation: Generation): Promise<History> {
    const { name: module, release, expired } = generation;
    const { dataSource } = generation.part('data');
    const signal = AbortSignal.any([expired, AbortSignal.timeout(this.config.migrationTimeoutMs)]);
    return withSession({ dataSource, module, signal }, async (session) => {
      const history = await this.#compare(release, session.runner);
      refuseProblems(release, history.problems);
      const { steps, problems } = planSteps(history.pending, 'up', generation.part('code'));
      refuseSteps(problems);
      const run = new MigrationRun(session, {
        module,
        version: release.version,
        onDone: ({ migration: { name: migration } }, durationMs) =>
          this.logger.info({ module, migration, durationMs }, `${module} has applied ${migration}`),
      });
      await run.run(steps);
      return history;
    });
  }

  #warnOfNewer({ name, version }: Release, { ahead }: History): void {
    if (ahead.length === 0) return;
    const migrations = ahead.map((row) => row.name);
    this.logger.warn(
      { module: name, version, migrations },
      `${name} ${version} meets a newer schema: ${migrations.join(', ')} came with later versions`,
    );
  }
}
