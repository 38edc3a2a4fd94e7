import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getDataSourceToken } from '@nestjs/typeorm';
import { type DataSource } from 'typeorm';
import { HOST_DATA_SOURCE } from '../src/persistence/index.js';
import { describeOnBothDatabases, type DatabaseForHost } from './support/both-databases.js';
import { eventually } from './support/eventually.js';
import { TestHost } from './support/test-host.js';
import { writeModule } from './support/written-modules.js';

interface JobAnswer {
  readonly id: string;
  readonly key: string;
  readonly paused: boolean;
  readonly orphaned: boolean;
  readonly enabled: boolean;
}

const NAME = 'keeps-data';

const ROUTES = `
  export const add = async (request, reply, { dataSource }) => {
    await dataSource.query('INSERT INTO note (text) VALUES ($1)', [request.body.text]);
    return list(request, reply, { dataSource });
  };
  export const list = async (request, reply, { dataSource }) =>
    (await dataSource.query('SELECT text FROM note ORDER BY text')).map(({ text }) => text);
  export const job = () => 'done';`;

describeOnBothDatabases('removing a module', (makeDatabase) => {
  let host: TestHost;
  let database: DatabaseForHost;

  beforeAll(async () => {
    database = await makeDatabase();
    host = await TestHost.start({ env: database.env });
    await writeModule(host.modulesDir, {
      name: NAME,
      manifest: {
        migrations: './migrations',
        settings: { greeting: { type: 'string', label: 'Greeting', default: 'hello' } },
        routes: [
          { method: 'POST', path: '/notes', handler: './routes.ts#add' },
          { method: 'GET', path: '/notes', handler: './routes.ts#list' },
        ],
        jobs: { tidy: { handler: './routes.ts#job' } },
      },
      files: { 'routes.ts': ROUTES, 'migrations/001_notes.sql': 'CREATE TABLE note (text text NOT NULL);' },
    });
    await writeModule(host.modulesDir, { name: 'needs-it', dependencies: { [NAME]: '*' } });
  });
  afterAll(async () => {
    await host.dispose();
    await database.remove();
  });

  const query = <T>(sql: string): Promise<T[]> =>
    host.app.get<DataSource>(getDataSourceToken(HOST_DATA_SOURCE), { strict: false }).query(sql);
  const act = (method: string, path: string, body?: object) => host.admin(method, `/modules/${NAME}${path}`, body);
  const notes = async () => (await host.request<string[]>('GET', `/api/v1/m/${NAME}/notes`)).body;
  const jobs = async () => (await host.admin<{ items: JobAnswer[] }>('GET', `/jobs?module=${NAME}`)).body.items;
  const bundles = () => readdir(join(host.dataDir, 'bundles'));
  /** Rows that the host keeps of the module, by table, and its schema. */
  const kept = async () => {
    const tables = [
      'module',
      'module_release',
      'job',
      'run',
      'module_migration',
      'module_settings',
      'module_settings_change',
    ];
    const counts = await Promise.all(
      tables.map(async (table) => {
        const column = table === 'module' ? 'name' : 'module';
        const [row] = await query<{ n: number }>(
          `SELECT count(*)::int n FROM nestdock.${table} WHERE ${column} = '${NAME}'`,
        );
        return [table, row?.n];
      }),
    );
    const schemas = await query(`SELECT 1 FROM pg_namespace WHERE nspname = 'm_keeps_data'`);
    return { ...(Object.fromEntries(counts) as Record<string, number>), schema: schemas.length };
  };
  const ALL = {
    module: 1,
    module_release: 1,
    job: 1,
    run: 1,
    module_migration: 1,
    module_settings: 1,
    module_settings_change: 1,
    schema: 1,
  };
  const NONE = Object.fromEntries(Object.keys(ALL).map((key) => [key, 0]));

  /** Installed, with something in every place where data is kept. */
  beforeEach(async () => {
    await act('POST', '/disable');
    await act('DELETE', `?purge=true&confirm=${NAME}`);
    await host.admin('POST', '/modules/scan');
    expect((await act('POST', '/enable')).status).toBe(200);
    await host.request('POST', `/api/v1/m/${NAME}/notes`, { text: 'one' });
    expect((await act('PUT', '/settings', { greeting: 'good day' })).status).toBe(200);
    const [job] = await jobs();
    const run = await host.admin<{ id: string }>('POST', `/jobs/${job?.id}/run`);
    await eventually(async () => {
      expect((await host.admin('GET', `/runs/${run.body.id}`)).body.status).toBe('succeeded');
    });
    await host.admin('PATCH', `/jobs/${job?.id}`, { paused: true });
    expect(await kept()).toEqual(ALL);
  });

  it('is refused while it is enabled, purged or not', async () => {
    for (const path of ['', `?purge=true&confirm=${NAME}`]) {
      const { status, body } = await act('DELETE', path);
      expect([status, body.code]).toEqual([409, 'MODULE_ENABLED']);
    }
    expect(await kept()).toEqual(ALL);
    expect(await notes()).toEqual(['one']);
  });

  it('drops nothing where the purge is not confirmed', async () => {
    await act('POST', '/disable');
    for (const path of ['?purge=true', '?purge=true&confirm=keeps', '?purge=true&confirm=']) {
      const { status, body } = await act('DELETE', path);
      expect([status, body.code]).toEqual([400, 'PURGE_UNCONFIRMED']);
    }
    expect(await kept()).toEqual(ALL);
  });

  it('keeps all data without a purge: a later install finds it', async () => {
    const [before] = await jobs();
    await act('POST', '/disable');
    expect((await act('DELETE', '')).status).toBe(204);
    expect(await kept()).toEqual({ ...ALL, module: 0 });
    expect((await jobs()).map(({ orphaned, enabled }) => [orphaned, enabled])).toEqual([[true, false]]);
    expect((await act('GET', '')).status).toBe(404);

    await host.admin('POST', '/modules/scan');
    expect((await act('POST', '/enable')).status).toBe(200);
    expect(await notes()).toEqual(['one']);
    expect((await act('GET', '/settings')).body.values).toEqual({ greeting: 'good day' });
    expect(await jobs()).toMatchObject([{ id: before?.id, paused: true, orphaned: false, enabled: true }]);
    expect((await host.admin<{ total: number }>('GET', `/jobs/${before?.id}/runs`)).body.total).toBe(1);
  });

  it('drops all data with a purge, though dependents are registered: a later install begins anew', async () => {
    const before = await bundles();
    await act('POST', '/disable');
    expect((await act('DELETE', `?purge=true&confirm=${NAME}`)).status).toBe(204);
    expect(await kept()).toEqual(NONE);
    expect((await bundles()).length).toBe(before.length - 1);

    await host.admin('POST', '/modules/scan');
    expect((await host.admin('POST', '/modules/needs-it/enable')).status).toBe(200);
    expect(await notes()).toEqual([]);
    expect((await act('GET', '/settings')).body.values).toEqual({ greeting: 'hello' });
    expect((await jobs()).map(({ paused }) => paused)).toEqual([false]);
    await host.admin('POST', '/modules/needs-it/disable');
  });

  it('is finished at the next start where the host ended before the bundle was dropped', async () => {
    const mine = await bundles();
    const leftover = `${'0'.repeat(32)}.bundle`;
    await host.stop();
    await writeFile(join(host.dataDir, 'bundles', leftover), 'of a module that was purged');
    await host.open();
    expect((await bundles()).sort()).toEqual(mine.sort());
    expect(await notes()).toEqual(['one']);
  });
});
