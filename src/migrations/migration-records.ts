import { hostId } from '../common/host-id.js';
import { type MigrationStatus } from '../persistence/index.js';
import { type AppliedMigration } from './history.js';

/** A connection, a transaction or a data source. The names are written out, as a module's search path has none of them. */
export interface Queryable {
  query<T = unknown>(sql: string, parameters?: unknown[]): Promise<T>;
}

const COLUMNS = `name, checksum, version, status, reversible, host,
  applied_at AS "appliedAt", duration_ms AS "durationMs"`;

/** In no order that means anything. */
export function readHistory(database: Queryable, module: string): Promise<AppliedMigration[]> {
  return database.query(`SELECT ${COLUMNS} FROM nestdock.module_migration WHERE module = $1`, [module]);
}

export interface NewRecord {
  readonly module: string;
  readonly name: string;
  readonly kind: 'sql' | 'code';
  readonly checksum: string;
  readonly version: string;
  readonly status: MigrationStatus;
  readonly reversible: boolean | null;
  /** null while it runs. */
  readonly durationMs: number | null;
}

export async function insertRecord(database: Queryable, record: NewRecord): Promise<void> {
  const { module, name, kind, checksum, version, status, reversible, durationMs } = record;
  await database.query(
    `INSERT INTO nestdock.module_migration (module, name, kind, checksum, version, status, reversible, duration_ms, host, applied_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp())`,
    [module, name, kind, checksum, version, status, reversible, durationMs, hostId()],
  );
}

export async function updateRecord(
  database: Queryable,
  { module, name }: { readonly module: string; readonly name: string },
  status: MigrationStatus,
  durationMs?: number,
): Promise<void> {
  await database.query(
    `UPDATE nestdock.module_migration SET status = $3, duration_ms = coalesce($4, duration_ms) WHERE module = $1 AND name = $2`,
    [module, name, status, durationMs ?? null],
  );
}

export async function deleteRecord(database: Queryable, module: string, name: string): Promise<void> {
  await database.query('DELETE FROM nestdock.module_migration WHERE module = $1 AND name = $2', [module, name]);
}

export async function deleteRecords(database: Queryable, module: string): Promise<void> {
  await database.query('DELETE FROM nestdock.module_migration WHERE module = $1', [module]);
}
