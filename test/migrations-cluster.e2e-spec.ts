import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { type MigrationView } from '../src/migrations/index.js';
import { describeOnPostgres, makePostgresDatabase, type TestPlace } from './support/database.js';
import { eventually } from './support/eventually.js';
import { HostProcess } from './support/host-process.js';
import { MigratingModule } from './support/migrating-module.js';
import { TestHost } from './support/test-host.js';

const INDEX = '-- nestdock: no-transaction\nCREATE INDEX CONCURRENTLY note_text ON note (text);';

describeOnPostgres('migrations on several hosts', () => {
  let place: TestPlace & { readonly url: string };
  let client: pg.Client;
  /** A transaction sees one picture of what runs: this one is in none. */
  let watcher: pg.Client;
  const hosts: (TestHost | HostProcess)[] = [];

  beforeEach(async () => {
    place = await makePostgresDatabase();
    [client, watcher] = [new pg.Client(place.url), new pg.Client(place.url)];
    await Promise.all([client.connect(), watcher.connect()]);
  });
  afterEach(async () => {
    await Promise.all([client.end(), watcher.end()]);
    await Promise.all(hosts.splice(0).map((host) => host.dispose()));
    await place.remove();
  });

  const start = async (env: Readonly<Record<string, string>> = {}): Promise<TestHost> => {
    const host = await TestHost.start({ env: { DATABASE_URL: place.url, ...env } });
    hosts.push(host);
    return host;
  };

  /** Queries that run or wait now, but for the test's own. */
  const active = async (pattern: string): Promise<number> => {
    const sql = `SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1 AND pid <> pg_backend_pid()`;
    return (await watcher.query(sql, [pattern])).rowCount ?? 0;
  };

  it.each([
    ['in a transaction', "INSERT INTO note (text) VALUES ('once'); SELECT pg_sleep(0.7);", ['welcome', 'once']],
    ['outside of one', INDEX, ['welcome']],
  ])(
    'are applied by one of two that load the module at once, %s',
    async (_how, text, notes) => {
      const [first, second] = [await start(), await start()];
      const module = await MigratingModule.add(first);
      await module.write('003_slow.sql', text);
      const enable = (host: TestHost) => host.admin('POST', `/modules/${module.name}/enable`);
      const answers = await Promise.all([enable(first), enable(second)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      for (const host of [first, second]) {
        await eventually(async () => {
          expect((await host.admin('GET', `/modules/${module.name}`)).body).toMatchObject({ state: 'active' });
        });
      }
      expect(await module.notes()).toEqual({ generation: 1, notes });
      expect(await module.statuses()).toEqual(['001 done', '002 done', '003 done']);
      const applied = [first, second].map(({ log }) => log.filter(({ migration }) => migration === '003_slow').length);
      expect(applied.sort()).toEqual([0, 1]);
    },
    30_000,
  );

  it('are cut off in the database where they take too long', async () => {
    const host = await start({ MIGRATION_TIMEOUT_MS: '1500' });
    const module = await MigratingModule.add(host);
    await module.post('enable');
    await module.write('003_sleeps.sql', 'CREATE TABLE other ();\nSELECT pg_sleep(60);');
    const { body } = await module.post('reload');
    expect(body).toMatchObject({
      code: 'MIGRATION_TIMEOUT',
      detail: expect.stringContaining('in src/migrations/003_sleeps.sql'),
      problems: [{ code: 'MIGRATION_TIMEOUT', file: 'src/migrations/003_sleeps.sql', line: 2 }],
      serving: { generation: 1 },
    });
    await eventually(async () => expect(await active('%pg_sleep(60)%')).toBe(0));
    await module.write('003_sleeps.sql', 'SELECT 1;');
    expect((await module.post('reload')).body).toMatchObject({ state: 'active', error: null });
    expect(await module.relations()).not.toContain('other');
  }, 30_000);

  it('are not taken back while the module comes up on another host', async () => {
    const [first, second] = [await start(), await start()];
    const module = await MigratingModule.add(first);
    await module.post('enable');
    await module.post('disable');
    // The row is locked as a transaction does that enables the module.
    await client.query('BEGIN');
    await client.query(`UPDATE nestdock.module SET status = 'ENABLED' WHERE name = $1`, [module.name]);
    const path = `/modules/${module.name}/migrations/rollback`;
    const refused = second.admin('POST', path, { to: null });
    await eventually(async () => expect(await active('%FOR UPDATE')).toBe(1));
    await client.query('COMMIT');
    expect((await refused).body).toMatchObject({ code: 'MODULE_ENABLED' });
    expect(await module.relations()).toContain('note');
  }, 30_000);

  describe('of a host that is killed', () => {
    let host: HostProcess;

    beforeEach(async () => {
      host = await HostProcess.start({ modules: ['migrating'], env: place.env });
      hosts.push(host);
    });

    const write = (file: string, text: string) =>
      writeFile(join(host.modulesDir, 'migrating/src/migrations', file), text);
    const post = (action: string, body?: object) => host.admin('POST', `/modules/migrating/${action}`, body);
    const statuses = async () => {
      const { body } = await host.admin<{ items: MigrationView[] }>('GET', '/modules/migrating/migrations');
      return body.items.map(({ name, status }) => `${name.slice(0, 3)} ${status}`);
    };

    it('leave nothing, and are applied by the next', async () => {
      await write('003_sleeps.sql', 'CREATE TABLE other (); SELECT pg_sleep(600);');
      const enabling = post('enable').catch((error: unknown) => error);
      await eventually(async () => expect(await active('%pg_sleep(600)')).toBe(1), 10_000);
      await host.kill();
      await enabling;
      await eventually(async () => expect(await active('%pg_sleep(600)')).toBe(0), 5_000);
      await write('003_sleeps.sql', 'CREATE TABLE other ();');
      await host.restart();
      expect(await statuses()).toEqual(['001 pending', '002 pending', '003 pending']);
      expect((await post('enable')).body).toMatchObject({ state: 'active' });
      expect(await statuses()).toEqual(['001 done', '002 done', '003 done']);
    }, 60_000);

    it('are named where they ran outside a transaction, until an operator has looked', async () => {
      await post('enable');
      await write('003_index.sql', INDEX);
      // The index waits for this transaction.
      await client.query('BEGIN; INSERT INTO m_migrating.note (text) VALUES (1)');
      const reloading = post('reload').catch((error: unknown) => error);
      await eventually(async () => expect(await active('CREATE INDEX%')).toBe(1), 10_000);
      expect(await statuses()).toEqual(['001 done', '002 done', '003 running']);
      await host.kill();
      await reloading;
      await eventually(async () => expect(await active('CREATE INDEX%')).toBe(0), 5_000);
      await client.query('COMMIT');

      await host.restart();
      await eventually(async () => {
        const { body } = await host.admin('GET', '/modules/migrating');
        expect(body).toMatchObject({ status: 'ENABLED', state: 'failed', error: { code: 'MIGRATION_INTERRUPTED' } });
      });
      expect(await statuses()).toEqual(['001 done', '002 done', '003 interrupted']);
      await client.query('DROP INDEX m_migrating.note_text');
      expect((await post('migrations/resolve', { migration: '003_index', as: 'pending' })).status).toBe(200);
      expect((await post('reload')).body).toMatchObject({ state: 'active', error: null });
      expect(await statuses()).toEqual(['001 done', '002 done', '003 done']);
    }, 60_000);
  });
});
