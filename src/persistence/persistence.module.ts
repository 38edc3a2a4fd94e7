import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { type DataSource } from 'typeorm';
import { ModuleRef } from '@nestjs/core';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { HOST_CONFIG, type HostConfig } from '../config/index.js';
import { DatabaseHealth } from './database-health.js';
import { HOST_ENTITIES } from './entities/index.js';
import { hostDataSourceOptions } from './host-data-source.js';
import { type HostDatabase } from './host-database.js';
import { ModuleAccess } from './module-access/module-access.js';
import { openHostDatabase } from './open-host-database.js';
import { SecretKeys } from './secrets/secret-keys.js';
import { SECRET_KEYS_PROVIDER } from './secrets/secret-keys.provider.js';
import { HOST_DATA_SOURCE, HOST_DATABASE, HOST_POOL } from './tokens.js';

/** Opens and migrates the database, and closes it once all else has shut down. */
@Module({
  providers: [
    {
      provide: HOST_DATABASE,
      inject: [HOST_CONFIG, LOGGER],
      useFactory: ({ databaseUrl, dataDir }: HostConfig, logger: Logger) =>
        openHostDatabase({
          databaseUrl,
          dataDir,
          onConnectionError: (err) => logger.warn({ err }, 'A database connection failed'),
        }),
    },
    { provide: HOST_POOL, inject: [HOST_DATABASE], useFactory: ({ pool }: HostDatabase) => pool },
    DatabaseHealth,
  ],
  exports: [HOST_DATABASE, HOST_POOL, DatabaseHealth],
})
class DatabaseModule implements OnApplicationShutdown {
  constructor(
    @Inject(HOST_DATABASE) private readonly database: HostDatabase,
    private readonly moduleRef: ModuleRef,
  ) {}

  /** TypeORM's module has a hook of its own; which of the two comes first does not matter. */
  async onApplicationShutdown(): Promise<void> {
    const dataSource = this.moduleRef.get<DataSource>(getDataSourceToken(HOST_DATA_SOURCE), { strict: false });
    if (dataSource.isInitialized) await dataSource.destroy();
    await this.database.close();
  }
}

/** The host's database for all of the host: entities' repositories, the pool, connections to listen on. Reads HOST_CONFIG. */
@Module({})
export class PersistenceModule {
  static forRootAsync(): DynamicModule {
    const repositories = TypeOrmModule.forFeature(HOST_ENTITIES, HOST_DATA_SOURCE);
    return {
      module: PersistenceModule,
      global: true,
      imports: [
        DatabaseModule,
        TypeOrmModule.forRootAsync({
          name: HOST_DATA_SOURCE,
          imports: [DatabaseModule],
          inject: [HOST_POOL],
          // The database has answered already: what fails now fails the next time too.
          useFactory: (pool: HostDatabase['pool']) => ({ ...hostDataSourceOptions(pool), toRetry: () => false }),
        }),
        repositories,
      ],
      providers: [SECRET_KEYS_PROVIDER, ModuleAccess],
      exports: [DatabaseModule, ModuleAccess, SecretKeys, repositories],
    };
  }
}
