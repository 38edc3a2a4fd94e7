import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  describeOnPostgres,
  makePostgresDatabase,
  openTestDatabase,
  type TestDatabase,
} from '../../test/support/database.js';
import { migrate } from './migrate.js';
import { HOST_MIGRATIONS } from './migrations/index.js';
import { openHostDatabase } from './open-host-database.js';

const names = HOST_MIGRATIONS.map(({ name }) => name);

describe('migrate', () => {
  let test: TestDatabase;

  beforeAll(async () => {
    test = await openTestDatabase();
  });

  afterAll(() => test.close());

  it('applies nothing twice', async () => {
    await migrate(test.database.pool);
    const { rows } = await test.database.pool.query<{ name: string }>(
      'SELECT name FROM nestdock.migration ORDER BY id',
    );
    expect(rows.map(({ name }) => name)).toEqual(names);
  });

  it('refuses a database that a newer host has migrated', async () => {
    await test.database.pool.query(`INSERT INTO nestdock.migration (timestamp, name) VALUES (1, 'FromTheFuture1')`);
    const refusal = migrate(test.database.pool);
    await expect(refusal).rejects.toMatchObject({ code: 'DATABASE_AHEAD' });
    await expect(refusal).rejects.toThrow('FromTheFuture1');
    await test.database.pool.query(`DELETE FROM nestdock.migration WHERE name = 'FromTheFuture1'`);
  });

  it('takes all back where one fails', async () => {
    await test.database.pool.query(
      'DROP SCHEMA nestdock CASCADE; CREATE SCHEMA nestdock; CREATE TABLE nestdock.run ()',
    );
    await expect(migrate(test.database.pool)).rejects.toMatchObject({ code: '42P07' });
    const { rows } = await test.database.pool.query(
      `SELECT tablename FROM pg_tables WHERE schemaname = 'nestdock' ORDER BY 1`,
    );
    expect(rows).toEqual([{ tablename: 'run' }]);
  });
});

describeOnPostgres('migrate, on PostgreSQL', () => {
  it('is done by one of three hosts that start at once', async () => {
    const place = await makePostgresDatabase();
    const open = () => openHostDatabase({ databaseUrl: place.url, dataDir: '' });
    const [first, ...others] = await Promise.all([open(), open(), open()]);
    try {
      const { rows } = await first.pool.query<{ name: string }>('SELECT name FROM nestdock.migration');
      expect(rows.map(({ name }) => name)).toEqual(names);
    } finally {
      await Promise.all([first, ...others].map((host) => host.close()));
      await place.remove();
    }
  });
});
