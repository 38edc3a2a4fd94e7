import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InjectDataSource } from '@nestjs/typeorm';
import {
  type DataSource,
  Entity,
  EventSubscriber,
  JoinTable,
  ManyToMany,
  PrimaryColumn,
  PrimaryGeneratedColumn,
} from 'typeorm';
import { openTestDatabase, TEST_DATABASE_URL, type TestDatabase } from '../../test/support/database.js';
import { Generation, type ModuleEntities } from '../kernel/index.js';
import { DataCapability } from './data.capability.js';
import { isMadeByTypeOrm } from './subscribers.js';

@Entity()
class Note {
  @PrimaryGeneratedColumn('uuid')
  id!: string;
}

@Entity()
class Tag {
  @PrimaryColumn({ type: 'text' })
  id!: string;
  @ManyToMany(() => Note)
  @JoinTable({ schema: 'm_other' })
  notes!: Note[];
}

@Entity()
class WithoutKey {}

const KINDS = TEST_DATABASE_URL === undefined ? (['embedded'] as const) : (['embedded', 'postgres'] as const);

describe.each(KINDS)('DataCapability, %s', (kind) => {
  let test: TestDatabase;
  let capability: DataCapability;
  let count = 0;

  beforeAll(async () => {
    test = await openTestDatabase(kind);
    capability = new DataCapability(test.database, test.dataSource);
  });
  afterAll(() => test.close());

  const generationOf = (name: string, entities: ModuleEntities['entities']): Generation => {
    const release = { name, version: '1.0.0' } as Generation['release'];
    const generation = new Generation(release, ++count);
    generation.provide('entities', { entities, subscribers: [] });
    return generation;
  };
  const load = async (name: string, entities: ModuleEntities['entities'] = []) => {
    const generation = generationOf(name, entities);
    const undo = await capability.attach(generation);
    return { dataSource: generation.part('data').dataSource, undo };
  };
  const hasSchema = async (schema: string) =>
    (await test.database.pool.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema])).rowCount === 1;

  it('makes the schema, and a data source on it', async () => {
    const { dataSource, undo } = await load('first-of-all', [Note]);
    expect(await dataSource.query('SELECT current_schema() AS schema')).toEqual([{ schema: 'm_first_of_all' }]);
    expect(dataSource.getMetadata(Note).tablePath).toBe('m_first_of_all.note');
    await undo();
    expect(await hasSchema('m_first_of_all')).toBe(true);
  });

  it('describes what the migrations have made', async () => {
    const { dataSource, undo } = await load('described', [Note]);
    await dataSource.query('CREATE TABLE note (id uuid DEFAULT gen_random_uuid() NOT NULL)');
    await dataSource.query('ALTER TABLE note ADD CONSTRAINT "PK_96d0c172a4fba276b1bbed43058" PRIMARY KEY (id)');
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
    await undo();
  });

  it('makes the schema once where several load the module at once', async () => {
    const loaded = await Promise.all(Array.from({ length: 5 }, () => load('contended', [Note])));
    expect(await hasSchema('m_contended')).toBe(true);
    for (const { undo } of loaded) await undo();
  });

  it('closes the data source once: what asks it later learns why', async () => {
    const { dataSource, undo } = await load('closed', [Note]);
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await undo();
    await undo();
    const closed = { code: 'MODULE_DATA_CLOSED' };
    await expect(dataSource.query('SELECT 1')).rejects.toMatchObject(closed);
    await expect(dataSource.getRepository(Note).find()).rejects.toMatchObject(closed);
    await expect(dataSource.transaction(async () => undefined)).rejects.toMatchObject(closed);
    await expect(runner.query('SELECT 1')).rejects.toThrow();
    expect(dataSource.isInitialized).toBe(false);
  });

  it('refuses to synchronise', async () => {
    const { dataSource, undo } = await load('synchronising');
    await expect(dataSource.synchronize()).rejects.toMatchObject({ code: 'SYNCHRONIZE_FORBIDDEN' });
    await undo();
  });

  it('refuses tables in other schemas, those between entities included', async () => {
    await expect(load('foreign', [Note, Tag])).rejects.toMatchObject({
      code: 'ENTITY_SCHEMA_FOREIGN',
      problems: [{ message: 'tag_notes_note stands in m_other.tag_notes_note' }],
    });
  });

  it('refuses entities that TypeORM cannot use', async () => {
    await expect(load('keyless', [WithoutKey])).rejects.toMatchObject({
      code: 'MODULE_ENTITIES_INVALID',
      message: expect.stringContaining('WithoutKey') as unknown,
    });
  });

  it('drops the schema of a module that is purged, with what stands in it', async () => {
    const { dataSource, undo } = await load('purged', [Note]);
    await dataSource.query('CREATE TABLE note (id uuid PRIMARY KEY)');
    await undo();
    await test.dataSource.transaction((transaction) => capability.purge('purged', transaction));
    expect(await hasSchema('m_purged')).toBe(false);
    await test.dataSource.transaction((transaction) => capability.purge('purged', transaction));
  });

  if (kind === 'postgres') {
    it('needs the right to make schemas only for one that is not there', async () => {
      const { pool } = test.database;
      await pool.query('DROP ROLE IF EXISTS nestdock_modest; CREATE ROLE nestdock_modest');
      await pool.query('CREATE SCHEMA m_granted AUTHORIZATION nestdock_modest');
      const asModest = async (name: string): Promise<unknown> => {
        const lease = await pool.connect();
        await lease.query('SET ROLE nestdock_modest');
        const host = { query: async (sql: string, values: unknown[]) => (await lease.query(sql, values)).rows };
        const transaction = (run: (manager: typeof host) => Promise<unknown>) => run(host);
        const modest = new DataCapability(
          test.database,
          Object.assign(Object.create(test.dataSource) as DataSource, { ...host, transaction }),
        );
        try {
          const undo = await modest.attach(generationOf(name, []));
          return await undo();
        } finally {
          await lease.query('RESET ROLE');
          lease.release();
        }
      };
      await asModest('granted');
      await expect(asModest('denied')).rejects.toMatchObject({
        code: 'MODULE_SCHEMA_UNAVAILABLE',
        cause: { code: '42501' },
      });
      await pool.query('DROP SCHEMA m_granted; DROP ROLE nestdock_modest');
    });
  }
});

describe('isMadeByTypeOrm', () => {
  it('is so for subscribers that need nothing', () => {
    @EventSubscriber()
    class Plain {}
    @EventSubscriber()
    class ByConstructor {
      constructor(readonly dataSource: DataSource) {}
    }
    @EventSubscriber()
    class ByProperty {
      @InjectDataSource()
      dataSource!: DataSource;
    }
    expect([Plain, ByConstructor, ByProperty].map(isMadeByTypeOrm)).toEqual([true, false, false]);
  });
});
