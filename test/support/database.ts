import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from '@jest/globals';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { makeTemplate } from '../../src/persistence/embedded/make-template.js';
import { databaseFolder } from '../../src/persistence/embedded/data-folder.js';
import { unpackFolder } from '../../src/persistence/embedded/template.js';
import { type HostDatabase, hostDataSourceOptions, openHostDatabase } from '../../src/persistence/index.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MIGRATIONS = join(ROOT, 'src/persistence/migrations');
const PGLITE = join(ROOT, 'node_modules/@electric-sql/pglite/package.json');

/** PostgreSQL that tests may make databases on; undefined: tests that need one are skipped. */
export const TEST_DATABASE_URL = process.env['TEST_DATABASE_URL'];

/** `describe` for tests that need PostgreSQL: skipped where TEST_DATABASE_URL is not set. */
export const describeOnPostgres = TEST_DATABASE_URL === undefined ? describe.skip : describe;

export interface TestDatabase {
  readonly database: HostDatabase;
  /** The host's, migrated. */
  readonly dataSource: DataSource;
  /** What `readConfig` takes: DATABASE_URL, or DATA_DIR. */
  readonly env: Readonly<Record<string, string>>;
  /** Closes the database and removes all of it. */
  close(): Promise<void>;
}

/** A migrated database that nobody else uses: embedded, or one of its own on TEST_DATABASE_URL. */
export async function openTestDatabase(kind: 'embedded' | 'postgres' = 'embedded'): Promise<TestDatabase> {
  const place = kind === 'embedded' ? await makeDataDir() : await makePostgresDatabase();
  const { DATABASE_URL, DATA_DIR = '' } = place.env;
  const database = await openHostDatabase({ databaseUrl: DATABASE_URL, dataDir: DATA_DIR });
  const dataSource = await new DataSource(hostDataSourceOptions(database.pool)).initialize();
  return {
    database,
    dataSource,
    env: place.env,
    async close() {
      if (dataSource.isInitialized) await dataSource.destroy();
      await database.close();
      await place.remove();
    },
  };
}

export interface TestPlace {
  readonly env: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/** A data folder whose embedded database is made already, so that a host starts on it without initdb. */
export async function makeDataDir(): Promise<TestPlace & { readonly dataDir: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'nestdock-data-'));
  await mkdir(databaseFolder(dataDir), { mode: 0o700 });
  await unpackFolder(await readFile(await testTemplate()), databaseFolder(dataDir));
  return { dataDir, env: { DATA_DIR: dataDir }, remove: () => rm(dataDir, { recursive: true, force: true }) };
}

/** An empty database on TEST_DATABASE_URL. */
export async function makePostgresDatabase(): Promise<TestPlace & { readonly url: string }> {
  if (TEST_DATABASE_URL === undefined) throw new Error('TEST_DATABASE_URL is not set');
  const name = `nestdock_test_${randomBytes(6).toString('hex')}`;
  const url = new URL(TEST_DATABASE_URL);
  await administer(`CREATE DATABASE ${name}`);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    env: { DATABASE_URL: url.href, ADMIN_TOKEN: 'test-admin-token', SECRET_KEY: 'test-secret-key' },
    async remove() {
      await administer(`DROP DATABASE ${name} WITH (FORCE)`);
      // Those of isolated modules: they are the server's, and named by the database.
      const prefix = `nd_${createHash('md5').update(name).digest('hex').slice(0, 8)}_`;
      for (const role of await administer<{ rolname: string }>(
        `SELECT rolname FROM pg_roles WHERE starts_with(rolname::text, '${prefix}')`,
      )) {
        await administer(`DROP ROLE ${role.rolname}`);
      }
    },
  };
}

/** One packed database for all tests, made anew when PGlite or a migration changes. */
export async function testTemplate(): Promise<string> {
  const key = createHash('sha256').update(await readFile(PGLITE));
  for (const name of (await readdir(MIGRATIONS)).sort()) key.update(await readFile(join(MIGRATIONS, name)));
  const folder = join(ROOT, 'node_modules/.cache/nestdock');
  const file = join(folder, `template-${key.digest('hex').slice(0, 16)}.gz`);
  if (!existsSync(file)) {
    await mkdir(folder, { recursive: true });
    await makeTemplate(file);
  }
  return file;
}

async function administer<R extends pg.QueryResultRow>(sql: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: TEST_DATABASE_URL });
  await client.connect();
  try {
    return (await client.query<R>(sql)).rows;
  } finally {
    await client.end();
  }
}
