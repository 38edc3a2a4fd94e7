import { type DataSourceOptions } from 'typeorm';
import type pg from 'pg';
import { borrowedDriver } from './borrowed-driver.js';
import { HOST_ENTITIES } from './entities/index.js';
import { SnakeCaseNaming } from './entities/naming-strategy.js';
import { HOST_MIGRATIONS } from './migrations/index.js';
import { HOST_SCHEMA, MIGRATION_TABLE } from './schema.js';

/** TypeORM on the host's pool. Nothing is ever synchronised: the schema is what the migrations make it. */
export const hostDataSourceOptions = (pool: pg.Pool) =>
  ({
    type: 'postgres',
    driver: borrowedDriver(pool),
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
