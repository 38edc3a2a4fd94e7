import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { openTestDatabase, TEST_DATABASE_URL, type TestDatabase } from '../../test/support/database.js';
import { Generation, type Release } from '../kernel/index.js';
import { insertRecord, readHistory } from './migration-records.js';
import { MigrationsCapability } from './migrations.capability.js';
import { tryLock, unlock } from './module-lock.js';

const KINDS = TEST_DATABASE_URL === undefined ? (['embedded'] as const) : (['embedded', 'postgres'] as const);

const release = (name: string): Release => ({
  name,
  version: '1.0.0',
  folder: '/nowhere',
  digest: '',
  bundle: { hash: '', code: '', map: '', externals: [] },
  manifest: { name, version: '1.0.0', displayName: name, description: '', author: '' },
  migrations: [{ name: '001_a', file: '001_a.sql', checksum: 'a', kind: 'sql', up: { text: '', transactional: true } }],
});

describe.each(KINDS)('MigrationsCapability, %s', (kind) => {
  let test: TestDatabase;
  let capability: MigrationsCapability;

  beforeAll(async () => {
    test = await openTestDatabase(kind);
    capability = new MigrationsCapability(test.dataSource, { migrationTimeoutMs: 1_000 }, pino({ level: 'silent' }));
  });
  afterAll(() => test.close());

  const apply = (module: string) =>
    insertRecord(test.dataSource, {
      ...{ module, name: '001_a', kind: 'sql', checksum: 'a', version: '1.0.0' },
      ...{ status: 'done', reversible: null, durationMs: 1 },
    });
  const record = (module: string) =>
    test.dataSource.transaction((transaction) => capability.record(new Generation(release(module), 1), transaction));
  const purge = (module: string) => test.dataSource.transaction((transaction) => capability.purge(module, transaction));

  it('lets no release serve whose migrations were rolled back meanwhile', async () => {
    await expect(record('rolled-back')).rejects.toMatchObject({ code: 'MIGRATIONS_ROLLED_BACK' });
    await apply('rolled-back');
    await record('rolled-back');
  });

  it('forgets the migrations of a module that is purged, and no others', async () => {
    await apply('purged');
    await apply('kept');
    await purge('purged');
    expect(await readHistory(test.dataSource, 'purged')).toEqual([]);
    expect(await readHistory(test.dataSource, 'kept')).toHaveLength(1);
  });

  // Sessions of the embedded database share their locks: it has one host.
  if (kind === 'postgres') {
    it('purges nothing that a host is at work on', async () => {
      await apply('busy');
      const connection = test.dataSource.createQueryRunner();
      expect(await tryLock(connection, 'busy')).toBe(true);
      await expect(purge('busy')).rejects.toMatchObject({ code: 'MIGRATIONS_RUNNING' });
      await unlock(connection, 'busy');
      await connection.release();
      await purge('busy');
      expect(await readHistory(test.dataSource, 'busy')).toEqual([]);
    });
  }
});
