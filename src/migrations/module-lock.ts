import { type Queryable } from './migration-records.js';

/** The lock's number, of the module's name as the first parameter. */
const KEY = `hashtextextended('nestdock migrations of ' || $1, 0)`;

/**
 * Keeps every other host from the module's migrations, until the connection unlocks, or ends. On the embedded database,
 * which is one host's alone, every session gets the lock.
 * @returns false where another has it
 */
export function tryLock(connection: Queryable, module: string): Promise<boolean> {
  return ask(connection, `SELECT pg_try_advisory_lock(${KEY}) AS yes`, module);
}

export async function unlock(connection: Queryable, module: string): Promise<void> {
  await connection.query(`SELECT pg_advisory_unlock(${KEY})`, [module]);
}

/** Takes the same lock for the rest of a transaction. @returns false where somebody has it */
export function tryLockInTransaction(transaction: Queryable, module: string): Promise<boolean> {
  return ask(transaction, `SELECT pg_try_advisory_xact_lock(${KEY}) AS yes`, module);
}

/** Whether somebody has the lock now. PostgreSQL shows a lock's number in two halves. */
export function isLocked(database: Queryable, module: string): Promise<boolean> {
  const sql = `SELECT EXISTS (SELECT FROM pg_catalog.pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted
      AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
      AND (classid::bigint << 32) | objid::bigint = ${KEY}) AS yes`;
  return ask(database, sql, module);
}

async function ask(database: Queryable, sql: string, module: string): Promise<boolean> {
  const [row] = await database.query<{ yes: boolean }[]>(sql, [module]);
  return row?.yes === true;
}
