import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** Where PostgreSQL is for benches; undefined: they use the embedded database alone. */
export const BENCH_DATABASE_URL = process.env['TEST_DATABASE_URL'];

/** Calls `work` with the URL of an empty database, and removes that. */
export async function withDatabase(server: string, work: (url: string) => Promise<void>): Promise<void> {
  const name = `nestdock_bench_${randomBytes(6).toString('hex')}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  await administer(server, `CREATE DATABASE ${name}`);
  try {
    await work(url.href);
  } finally {
    await administer(server, `DROP DATABASE ${name} WITH (FORCE)`);
  }
}

async function administer(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Counts the queries of this process from now on. */
export function countQueries(): () => number {
  let count = 0;
  const { prototype } = pg.Client as unknown as { prototype: { query: (...args: unknown[]) => unknown } };
  const { query } = prototype;
  prototype.query = function counted(this: unknown, ...args: unknown[]) {
    count++;
    return query.apply(this, args);
  };
  return () => count;
}
