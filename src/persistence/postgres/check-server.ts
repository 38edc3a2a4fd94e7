import { NestdockError } from '../../common/errors/nestdock-error.js';
import { type LeasePool } from '../leasing/lease-pool.js';

const OLDEST_MAJOR = 14;

/** @throws {NestdockError} DATABASE_UNREACHABLE, DATABASE_TOO_OLD; neither tells the password. */
export async function checkServer(pool: LeasePool, databaseUrl: string): Promise<void> {
  const version = await serverVersion(pool, databaseUrl);
  const major = Math.floor(version / 10_000);
  if (major < OLDEST_MAJOR) {
    throw new NestdockError('DATABASE_TOO_OLD', `${whereabouts(databaseUrl)} runs PostgreSQL ${major}`);
  }
}

async function serverVersion(pool: LeasePool, databaseUrl: string): Promise<number> {
  try {
    const { rows } = await pool.query<{ version: string }>(`SELECT current_setting('server_version_num') AS version`);
    return Number(rows[0]?.version);
  } catch (cause) {
    const { code } = cause as { code?: unknown };
    const reason = typeof code === 'string' ? ` (${code})` : '';
    throw new NestdockError('DATABASE_UNREACHABLE', `${whereabouts(databaseUrl)} does not answer${reason}`, { cause });
  }
}

/** Host and database, without user and password. */
function whereabouts(databaseUrl: string): string {
  const { host, pathname } = new URL(databaseUrl);
  return `${host}${pathname}`;
}
