import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataSource, type EntitySchema, type MigrationInterface } from 'typeorm';
import { leaseDriver, moduleSchema, quoteIdentifier } from '../../src/persistence/index.js';
import { openTestDatabase } from './database.js';

export interface ModuleDatabaseOptions {
  /** The module's name. */
  readonly module: string;
  readonly entities: (EntitySchema | (abstract new () => unknown))[];
  /** Folder with the module's migrations. */
  readonly migrations: string;
}

export interface ModuleDatabase {
  /** On the module's own schema, as its migrations make it. */
  readonly dataSource: DataSource;
  close(): Promise<void>;
}

/** The tables of one module in an embedded database, for specs that run without a host. */
export async function openModuleDatabase({
  module,
  entities,
  migrations,
}: ModuleDatabaseOptions): Promise<ModuleDatabase> {
  const test = await openTestDatabase();
  const schema = moduleSchema(module);
  await test.dataSource.query(`CREATE SCHEMA ${quoteIdentifier(schema)}`);
  const dataSource = new DataSource({
    type: 'postgres',
    driver: leaseDriver(test.database.poolFor(module, [schema])),
    schema,
    entities: entities as never[],
    installExtensions: false,
  });
  await dataSource.initialize();
  for (const file of (await readdir(migrations)).sort()) await apply(dataSource, join(migrations, file));
  return {
    dataSource,
    async close() {
      if (dataSource.isInitialized) await dataSource.destroy();
      await test.close();
    },
  };
}

async function apply(dataSource: DataSource, file: string): Promise<void> {
  if (file.endsWith('.down.sql')) return;
  if (file.endsWith('.sql')) {
    await dataSource.query(await readFile(file, 'utf8'));
    return;
  }
  const exported = Object.values((await import(file)) as Record<string, new () => MigrationInterface>);
  const runner = dataSource.createQueryRunner();
  try {
    for (const Migration of exported) await new Migration().up(runner);
  } finally {
    await runner.release();
  }
}
