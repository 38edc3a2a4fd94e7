import { AbstractLogger, DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { hostDataSourceOptions } from './host-data-source.js';
import { type LeasePool } from './leasing/lease-pool.js';
import { HOST_MIGRATIONS } from './migrations/index.js';
import { HOST_SCHEMA, MIGRATION_TABLE } from './schema.js';

/** Any number that nobody else locks: "nestdock" as bytes, cut to a bigint's size. */
const LOCK_KEY = '7954888211637334891';

/**
 * Applies the migrations that are pending, all in one transaction. Of several hosts that start at once, one applies
 * them and the others find them applied: the lock is the transaction's, so it goes with it, whatever becomes of the host.
 * @throws {NestdockError} DATABASE_AHEAD where a newer host has migrated the database.
 */
export async function migrate(pool: LeasePool): Promise<void> {
  const options = { ...hostDataSourceOptions(pool), entities: [], logger: new NoLogger() };
  const dataSource = await new DataSource(options).initialize();
  const runner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction();
    await runner.query('SELECT pg_advisory_xact_lock($1::bigint)', [LOCK_KEY]);
    await ensureSchema(runner);
    if (await isBehind(runner)) await new MigrationExecutor(dataSource, runner).executePendingMigrations();
    await runner.commitTransaction();
  } catch (error) {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    throw error;
  } finally {
    await runner.release();
    await dataSource.destroy();
  }
}

/** What fails is thrown: TypeORM's own lines about it would go to the console. */
class NoLogger extends AbstractLogger {
  protected writeLog(): void {
    // Nothing to write.
  }
}

/** `CREATE SCHEMA IF NOT EXISTS` wants the right to create one even where it exists. */
export async function ensureSchema(runner: QueryRunner): Promise<void> {
  const [row] = (await runner.query('SELECT to_regnamespace($1) IS NULL AS missing', [HOST_SCHEMA])) as [
    { missing: boolean },
  ];
  if (row.missing) await runner.query(`CREATE SCHEMA ${HOST_SCHEMA}`);
}

async function isBehind(runner: QueryRunner): Promise<boolean> {
  const known = HOST_MIGRATIONS.map(({ name }) => name);
  const applied = await appliedMigrations(runner);
  const unknown = applied.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new NestdockError('DATABASE_AHEAD', `a newer host has applied ${unknown.join(', ')}`);
  }
  return known.some((name) => !applied.includes(name));
}

async function appliedMigrations(runner: QueryRunner): Promise<string[]> {
  const table = `${HOST_SCHEMA}.${MIGRATION_TABLE}`;
  const [row] = (await runner.query('SELECT to_regclass($1) IS NOT NULL AS there', [table])) as [{ there: boolean }];
  if (!row.there) return [];
  const rows = (await runner.query(`SELECT name FROM ${table} ORDER BY id`)) as { name: string }[];
  return rows.map(({ name }) => name);
}
