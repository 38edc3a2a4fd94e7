import { DataSource, type DataSourceOptions } from 'typeorm';
import { ensureSchema } from './migrate.js';
import { HostDatabase, type HostDatabaseOptions } from './host-database.js';
import { hostDataSourceOptions } from './host-data-source.js';

/**
 * The host's data source for TypeORM's command line, which alone decides what runs: nothing is migrated on opening.
 * Its `destroy` closes the database too, so that the lock on the data folder is given back.
 */
export async function openCommandLineDataSource(options: HostDatabaseOptions): Promise<DataSource> {
  const database = await HostDatabase.open(options);
  return new CommandLineDataSource(hostDataSourceOptions(database.pool), database);
}

class CommandLineDataSource extends DataSource {
  constructor(
    options: DataSourceOptions,
    private readonly database: HostDatabase,
  ) {
    super(options);
  }

  /** TypeORM's table of migrations needs the schema to stand in. */
  override async initialize(): Promise<this> {
    await super.initialize();
    const runner = this.createQueryRunner();
    try {
      await ensureSchema(runner);
    } finally {
      await runner.release();
    }
    return this;
  }

  override async destroy(): Promise<void> {
    await super.destroy();
    await this.database.close();
  }
}
