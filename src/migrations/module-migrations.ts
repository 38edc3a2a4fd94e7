import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { type DataSource } from 'typeorm';
import { nearest } from '../common/did-you-mean.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { HOST_CONFIG, type HostConfig } from '../config/index.js';
import { type Generation, type Release } from '../kernel/index.js';
import { compareMigrations } from '../manifest/index.js';
import { HOST_DATA_SOURCE } from '../persistence/index.js';
import { type AppliedMigration, interrupted } from './history.js';
import { refuseProblems } from './history-refusal.js';
import { deleteRecord, type Queryable, readHistory, updateRecord } from './migration-records.js';
import { MigrationRun } from './migration-run.js';
import { withSession } from './migration-session.js';
import { downSteps } from './down-steps.js';
import { type MigrationView, migrationViews } from './migration-view.js';
import { isLocked, tryLockInTransaction } from './module-lock.js';

/** What operators see and do of a module's migrations. */
@Injectable()
export class ModuleMigrations {
  constructor(
    @InjectDataSource(HOST_DATA_SOURCE) private readonly host: DataSource,
    @Inject(HOST_CONFIG) private readonly config: Pick<HostConfig, 'migrationTimeoutMs'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** What a release brings, and what of it and beyond was applied. */
  async list(release: Release): Promise<MigrationView[]> {
    const rows = await readHistory(this.host, release.name);
    const begun = rows.some(({ status }) => status !== 'done');
    return migrationViews(release, rows, begun && (await isLocked(this.host, release.name)));
  }

  /**
   * Takes back what was applied after a migration, the last first, in one transaction.
   * @param generation with code and data; its module must not be enabled
   * @param to name of the last migration to keep; null: none
   * @returns the names of what was taken back, in that order
   * @throws {NestdockError} MIGRATION_NOT_FOUND, MIGRATION_IRREVERSIBLE, MIGRATION_INTERRUPTED or MODULE_ENABLED before
   * anything runs; MIGRATION_FAILED, MIGRATION_TIMEOUT
   */
  async rollBack(generation: Generation, to: string | null): Promise<string[]> {
    const { name: module, release } = generation;
    const { dataSource } = generation.part('data');
    const signal = AbortSignal.timeout(this.config.migrationTimeoutMs);
    return withSession({ dataSource, module, signal }, async (session) => {
      const rows = await readHistory(session.runner, module);
      refuseProblems(release, rows.filter(({ status }) => status !== 'done').map(interrupted));
      const doomed = appliedAfter(rows, to);
      const steps = downSteps(doomed, release, generation.part('code'));
      const run = new MigrationRun(session, {
        module,
        version: release.version,
        check: (transaction) => refuseEnabled(transaction, module),
        onDone: ({ migration: { name: migration } }, durationMs) =>
          this.logger.info({ module, migration, durationMs }, `${module} has rolled back ${migration}`),
      });
      await run.run(steps);
      return doomed.map(({ name }) => name);
    });
  }

  /**
   * Says what has become of a migration that was interrupted outside a transaction.
   * @throws {NestdockError} MIGRATION_NOT_FOUND, MIGRATION_NOT_INTERRUPTED, MIGRATIONS_RUNNING
   */
  async resolve(module: string, name: string, as: 'done' | 'pending'): Promise<void> {
    await this.host.transaction(async (transaction) => {
      if (!(await tryLockInTransaction(transaction, module))) {
        throw new NestdockError('MIGRATIONS_RUNNING', `a host is at work on the migrations of ${module}`);
      }
      const rows = await readHistory(transaction, module);
      const row = rows.find((applied) => applied.name === name);
      if (!row) throw notFound(name, rows);
      if (row.status === 'done') throw new NestdockError('MIGRATION_NOT_INTERRUPTED', `${name} is done`);
      if (as === 'done') await updateRecord(transaction, { module, name }, 'done');
      else await deleteRecord(transaction, module, name);
    });
    this.logger.info({ module, migration: name }, `an operator says that ${name} of ${module} is ${as}`);
  }
}

/** The last applied first. */
function appliedAfter(rows: readonly AppliedMigration[], to: string | null): AppliedMigration[] {
  if (to !== null && !rows.some(({ name }) => name === to)) throw notFound(to, rows);
  return rows
    .filter(({ name }) => to === null || compareMigrations(name, to) > 0)
    .sort((a, b) => compareMigrations(b.name, a.name));
}

function notFound(name: string, rows: readonly AppliedMigration[]): NestdockError {
  const similar = nearest(
    name,
    rows.map((row) => row.name),
  );
  const hint = similar === undefined ? '' : `; did you mean "${similar}"?`;
  return new NestdockError('MIGRATION_NOT_FOUND', `no migration "${name}" was applied${hint}`);
}

/** The row stays locked: a host that is about to enable the module waits, and finds its migrations gone. */
async function refuseEnabled(transaction: Queryable, module: string): Promise<void> {
  const sql = 'SELECT status FROM nestdock.module WHERE name = $1 FOR UPDATE';
  const [row] = await transaction.query<{ status: string }[]>(sql, [module]);
  if (row?.status === 'ENABLED') throw new NestdockError('MODULE_ENABLED', `${module} is enabled`);
}
