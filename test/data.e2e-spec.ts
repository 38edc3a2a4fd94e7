import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decoratorLists, featureLists } from '../src/persistence/typeorm-globals.js';
import { HOST_POOL, type LeasePool } from '../src/persistence/index.js';
import { describeOnPostgres, makePostgresDatabase, type TestPlace } from './support/database.js';
import { eventually } from './support/eventually.js';
import { TestHost } from './support/test-host.js';
import { writeModule } from './support/write-module.js';

interface Note {
  readonly text: string;
  readonly stamp: string;
  readonly tags: readonly { readonly name: string }[];
}
interface ModuleAnswer {
  readonly code?: string;
  readonly detail?: string;
  readonly state: string;
  readonly problems?: readonly { readonly message: string }[];
}

const NOTES = '/api/v1/m/data-notes';
const nowhere: Pick<TestPlace, 'env' | 'remove'> = { env: {}, remove: () => Promise.resolve() };

describe('on the embedded database', () => keepsData('embedded', () => Promise.resolve(nowhere)));
describeOnPostgres('on PostgreSQL', () => keepsData('postgres', makePostgresDatabase));

function keepsData(
  kind: 'embedded' | 'postgres',
  makeDatabase: () => Promise<Pick<TestPlace, 'env' | 'remove'>>,
): void {
  let host: TestHost;
  let database: Pick<TestPlace, 'env' | 'remove'>;

  beforeAll(async () => {
    database = await makeDatabase();
    const { DATABASE_URL } = database.env;
    host = await TestHost.start({
      modules: ['data-notes'],
      env: { DRAIN_TIMEOUT_MS: '500', ...(DATABASE_URL !== undefined && { DATABASE_URL }) },
    });
    await enable('data-notes');
  });
  afterAll(async () => {
    await host.dispose();
    await database.remove();
  });

  const enable = async (name: string) => {
    const answer = await host.admin<ModuleAnswer>('POST', `/modules/${name}/enable`);
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  };
  const tryEnabling = async (name: string, files: Record<string, string>) => {
    await writeModule(host.modulesDir, { name, entry: './index.ts' }, files);
    await host.admin('POST', '/modules/scan');
    return host.admin<ModuleAnswer>('POST', `/modules/${name}/enable`);
  };
  const query = async (...statements: string[]) =>
    (await host.request<{ rows?: unknown; code?: string }>('POST', `${NOTES}/handler/query`, { statements })).body;
  const inFlight = async () =>
    (await host.admin<{ requestsInFlight: number }>('GET', '/modules/stats')).body.requestsInFlight;
  const logged = (msg: string) => host.log.filter((line) => line['msg'] === msg);
  const sleeping = async () => {
    const sql = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep%'`;
    return (await hostPool().query<{ n: number }>(sql)).rows[0]?.n;
  };
  const hostPool = () => host.app.get<LeasePool>(HOST_POOL, { strict: false });
  const schemas = async () => {
    const { rows } = await hostPool().query<{ nspname: string }>(
      `SELECT nspname FROM pg_namespace WHERE nspname LIKE 'm\\_%' ORDER BY 1`,
    );
    return rows.map(({ nspname }) => nspname);
  };

  describe('a Nest entry', () => {
    it('has a schema, and everything of TypeORM injected works on it', async () => {
      expect(await schemas()).toEqual(['m_data_notes']);
      expect((await host.request('GET', `${NOTES}/notes/wiring`)).body).toEqual({ one: true, schema: 'm_data_notes' });
      const added = await host.request<Note>('POST', `${NOTES}/notes`, { text: 'hello', tags: ['a', 'b'] });
      expect([added.status, added.body]).toMatchObject([201, { text: 'hello', stamp: 'stamped' }]);
      const { body } = await host.request<Note[]>('GET', `${NOTES}/notes`);
      expect(body).toMatchObject([{ text: 'hello', stamp: 'stamped', tags: [{ name: 'a' }, { name: 'b' }] }]);
      expect((await host.request('GET', `${NOTES}/notes/lengths`)).body).toEqual([{ text: 'hello', length: 5 }]);
    });

    it('has transactions', async () => {
      const two = (first: string, second: string, fail: boolean) =>
        host.request('POST', `${NOTES}/notes/two`, { first, second, fail });
      expect((await two('one', 'two', false)).status).toBe(201);
      expect((await two('three', 'four', true)).status).toBe(500);
      const { body } = await host.request<Note[]>('GET', `${NOTES}/notes`);
      expect(body.map(({ text }) => text)).toEqual(['hello', 'one', 'two']);
    });
  });

  describe('handlers and jobs', () => {
    it('have it in their context', async () => {
      expect((await host.request('GET', `${NOTES}/handler/count`)).body).toEqual({ count: 3 });
      const { body } = await host.admin<{ items: { id: string }[] }>('GET', '/jobs?module=data-notes');
      const run = await host.admin<{ id: string }>('POST', `/jobs/${body.items[0]?.id}/run`);
      await eventually(async () =>
        expect((await host.admin('GET', `/runs/${run.body.id}`)).body).toMatchObject({
          status: 'succeeded',
          result: { count: 3 },
        }),
      );
    });
  });

  describe('a reload', () => {
    const SOURCE = ['data-notes', 'src', 'entities.ts'];
    it('that changes an entity keeps the data, and the old generation goes on with its own', async () => {
      const file = join(host.modulesDir, ...SOURCE);
      const source = await readFile(file, 'utf8');
      const tables = join(host.modulesDir, 'data-notes', 'src', 'tables.ts');
      await writeFile(
        tables,
        (await readFile(tables, 'utf8')).replace(
          'CREATE OR REPLACE',
          `ALTER TABLE note ADD COLUMN IF NOT EXISTS mood text DEFAULT 'calm'; CREATE OR REPLACE`,
        ),
      );
      const changed = `  @Column({ type: 'text', default: 'calm' })\n  mood!: string;\n\n  @CreateDateColumn`;
      await writeFile(file, source.replace('  @CreateDateColumn', changed));

      const old = host.request<Record<string, unknown>[]>('GET', `${NOTES}/handler/slow?ms=400`);
      await eventually(async () => expect(await inFlight()).toBe(1));
      expect((await host.admin('POST', '/modules/data-notes/reload')).status).toBe(200);
      const { body } = await host.request<Record<string, unknown>[]>('GET', `${NOTES}/notes`);
      expect(body.map(({ text, mood }) => [text, mood])).toEqual([
        ['hello', 'calm'],
        ['one', 'calm'],
        ['two', 'calm'],
      ]);
      expect((await old).status).toBe(200);
      expect((await old).body.map(({ mood }) => mood)).toEqual([undefined, undefined, undefined]);
    });
  });

  describe('a module', () => {
    it("cannot see another's tables, and leaves nothing in the connections", async () => {
      const files = {
        'index.ts': `import { Controller, Get, Module } from '@nestjs/common';
          import { DataSource } from 'typeorm';
          @Controller() class Peek {
            constructor(private readonly dataSource: DataSource) {}
            @Get('peek') async peek() {
              try { return await this.dataSource.query('SELECT * FROM note'); }
              catch (error) { return { code: error.code }; }
            }
            @Get('path') path() { return this.dataSource.query('SHOW search_path'); }
          }
          @Module({ controllers: [Peek] }) export default class {}`,
      };
      expect((await tryEnabling('data-peek', files)).status).toBe(200);
      const peek = async (path: string) => (await host.request('GET', `/api/v1/m/data-peek/${path}`)).body;
      expect(await query('SELECT count(*)::int AS n FROM note')).toEqual({ rows: [{ n: 3 }] });
      expect(await peek('peek')).toEqual({ code: '42P01' });
      await query(
        'SET search_path TO m_data_notes, m_data_peek',
        'CREATE TEMP TABLE note AS SELECT 1 AS mine',
        'LISTEN news',
      );
      for (let round = 0; round < 20; round++) {
        expect(await peek('peek')).toEqual({ code: '42P01' });
        expect(await peek('path')).toEqual([{ search_path: 'm_data_peek' }]);
      }
      expect(await query('SHOW search_path')).toEqual({ rows: [{ search_path: 'm_data_notes' }] });
      const channels = `SELECT * FROM pg_listening_channels() AS channel WHERE channel = 'news'`;
      expect(await query(channels)).toEqual({ rows: [] });
      expect(await query('SELECT count(*)::int AS n FROM note')).toEqual({ rows: [{ n: 3 }] });
    });

    it('may not synchronise its schema', async () => {
      const files = {
        'index.ts': `import { Module, type OnModuleInit } from '@nestjs/common';
          import { DataSource } from 'typeorm';
          @Module({}) export default class implements OnModuleInit {
            constructor(private readonly dataSource: DataSource) {}
            onModuleInit() { return this.dataSource.synchronize(); }
          }`,
      };
      const { status, body } = await tryEnabling('data-synchronising', files);
      expect([status, body.code]).toEqual([422, 'HOOK_FAILED']);
      expect(body.detail).toContain('synchronize()');
    });

    it.each([
      ['forRoot', `TypeOrmModule.forRoot({ type: 'postgres', synchronize: true })`],
      ['forRootAsync', `TypeOrmModule.forRootAsync({ useFactory: () => ({ type: 'postgres' }) })`],
    ])('may bring no data source of its own by %s()', async (_how, definition) => {
      const files = {
        'index.ts': `import { Module } from '@nestjs/common';
          import { TypeOrmModule } from '@nestjs/typeorm';
          @Module({ imports: [${definition}] }) class Inner {}
          @Module({ imports: [Inner] }) export default class {}`,
      };
      const { status, body } = await tryEnabling('data-root', files);
      expect([status, body.code]).toEqual([422, 'DATA_SOURCE_FORBIDDEN']);
    });
  });

  describe('a load that fails', () => {
    let before: unknown;
    const sizes = () => [...decoratorLists(), ...featureLists()].map(([name, { length }]) => [name, length]);
    beforeEach(() => {
      before = sizes();
    });

    const ENTITY = `import { Entity, PrimaryColumn, Column, OneToMany } from 'typeorm';
      import { TypeOrmModule } from '@nestjs/typeorm'; import { Module } from '@nestjs/common';`;
    it.each([
      [
        'ENTITY_SCHEMA_FOREIGN',
        `@Entity({ schema: 'm_data_notes' }) class Note { @PrimaryColumn() id: number; }
         @Module({ imports: [TypeOrmModule.forFeature([Note])] }) export default class {}`,
      ],
      [
        'MODULE_ENTITIES_INVALID',
        `@Entity() class Note { @Column() text: string; }
         @Module({ imports: [TypeOrmModule.forFeature([Note])] }) export default class {}`,
      ],
      [
        'MODULE_EVALUATION_FAILED',
        `@Entity() class Note { @PrimaryColumn() id: number; }
         TypeOrmModule.forFeature([Note]); throw new Error('late');`,
      ],
      [
        'ENTRY_NOT_EXPORTED',
        `@Entity() class Note { @PrimaryColumn() id: number; } export const other = TypeOrmModule.forFeature([Note]);`,
      ],
    ])('with %s leaves none of its entities', async (code, source) => {
      const { body } = await tryEnabling('data-broken', { 'index.ts': ENTITY + source });
      expect(body.code).toBe(code);
      expect(sizes()).toEqual(before);
    });
  });

  describe('an unload', () => {
    it('takes the entities out of TypeORM, and keeps the data', async () => {
      const sizes = () => [...decoratorLists().values(), ...featureLists().values()].map(({ length }) => length);
      const loaded = sizes();
      await host.admin('POST', '/modules/data-notes/disable');
      expect(sizes().reduce((sum, n) => sum + n)).toBeLessThan(loaded.reduce((sum, n) => sum + n));
      await enable('data-notes');
      expect(sizes()).toEqual(loaded);
      expect((await host.request<Note[]>('GET', `${NOTES}/notes`)).body).toHaveLength(3);
    });

    it('waits for nobody longer than the drain, and tells the code that goes on why it fails', async () => {
      const late = host.request('GET', `${NOTES}/handler/slow?ms=1200`);
      await eventually(async () => expect(await inFlight()).toBe(1));
      const { status, body } = await host.admin<ModuleAnswer>('POST', '/modules/data-notes/disable');
      expect([status, body.state]).toEqual([200, 'idle']);
      expect((await late).status).toBe(503);
      await eventually(() => expect(logged('Asking late failed')).toMatchObject([{ code: 'MODULE_DATA_CLOSED' }]));
      await enable('data-notes');
      expect((await host.request('GET', `${NOTES}/handler/count`)).body).toEqual({ count: 3 });
    });

    // The embedded database stops the whole process while it sleeps.
    if (kind === 'postgres') {
      it('cuts a query off that runs', async () => {
        void query('START TRANSACTION', 'SELECT pg_sleep(60)');
        await eventually(async () => expect(await sleeping()).toBe(1));
        const { status, body } = await host.admin<ModuleAnswer>('POST', '/modules/data-notes/disable');
        expect([status, body.state]).toEqual([200, 'idle']);
        await eventually(() =>
          expect(logged('A query failed')).toContainEqual(expect.objectContaining({ code: 'MODULE_DATA_CLOSED' })),
        );
        await eventually(async () => expect(await sleeping()).toBe(0));
        await enable('data-notes');
      });
    }
  });
}
