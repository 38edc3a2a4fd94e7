import { type DataSourceOptions } from 'typeorm';
import { HOST_ENTITIES } from './entities/index.js';
import { SnakeCaseNaming } from './entities/naming-strategy.js';
import { leaseDriver } from './leasing/lease-driver.js';
import { type LeasePool } from './leasing/lease-pool.js';
import { HOST_MIGRATIONS } from './migrations/index.js';
import { HOST_SCHEMA, MIGRATION_TABLE } from './schema.js';

/** TypeORM on the host's pool. Nothing is ever synchronised: the schema is what the migrations make it. */
export const hostDataSourceOptions = (pool: LeasePool) =>
  ({
    type: 'postgres',
    driver: leaseDriver(pool),
    schema: HOST_SCHEMA,
    entities: HOST_ENTITIES,
    migrations: HOST_MIGRATIONS,
    migrationsTableName: MIGRATION_TABLE,
    namingStrategy: new SnakeCaseNaming(),
    uuidExtension: 'pgcrypto',
    installExtensions: false,
    synchronize: false,
    migrationsRun: false,
  }) satisfies DataSourceOptions;
