import { DataSource, type DataSourceOptions, type QueryRunner, type ReplicationMode } from 'typeorm';
import { type PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { leaseDriver, type LeasePool } from '../persistence/index.js';

export interface ModuleDataSourceOptions {
  /** Of the generation, such as `hello@3`. */
  readonly owner: string;
  readonly pool: LeasePool;
  readonly schema: string;
  readonly entities: NonNullable<DataSourceOptions['entities']>;
  readonly subscribers: NonNullable<DataSourceOptions['subscribers']>;
  /** The host's, which knows the server already. */
  readonly host: DataSource;
}

/**
 * A module's data source: TypeORM's own, on connections that are lent to the module. Once it is destroyed, whatever
 * still asks it fails with MODULE_DATA_CLOSED, queries under way included.
 */
export class ModuleDataSource extends DataSource {
  #closed = false;
  readonly #pool: LeasePool;
  readonly #owner: string;

  constructor({ owner, pool, schema, entities, subscribers, host }: ModuleDataSourceOptions) {
    super({
      type: 'postgres',
      driver: leaseDriver(pool),
      schema,
      entities,
      subscribers,
      uuidExtension: 'pgcrypto', // gen_random_uuid(), which PostgreSQL has without an extension
      installExtensions: false,
      synchronize: false,
    });
    const { version, database } = host.driver as PostgresDriver;
    // TypeORM would ask the server for them, in three queries a load.
    Object.assign(this.driver, { version, database, searchSchema: schema } satisfies Partial<PostgresDriver>);
    this.#pool = pool;
    this.#owner = owner;
  }

  override createQueryRunner(mode?: ReplicationMode): QueryRunner {
    if (this.#closed) throw this.#closedError();
    return super.createQueryRunner(mode);
  }

  /** Waits for no query: what still runs is cut off. */
  override async destroy(): Promise<void> {
    this.#closed = true;
    this.#pool.close(() => this.#closedError());
    if (this.isInitialized) await super.destroy();
  }

  override async synchronize(): Promise<void> {
    throw new NestdockError('SYNCHRONIZE_FORBIDDEN', `${this.#owner} called synchronize() of its data source.`);
  }

  #closedError(): NestdockError {
    return new NestdockError('MODULE_DATA_CLOSED', `${this.#owner} was unloaded: its data source is closed.`);
  }
}
