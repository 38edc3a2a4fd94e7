import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { type DataSource } from 'typeorm';
import { hostDataSourceOptions } from '../host-data-source.js';
import { HostDatabase } from '../host-database.js';
import { HOST_DATA_SOURCE, HOST_DATABASE, HOST_POOL } from '../tokens.js';
import { type ModuleConnection } from './module-connection.js';

@Module({})
class ConnectionModule implements OnApplicationShutdown {
  constructor(
    @Inject(HOST_DATABASE) private readonly database: HostDatabase,
    private readonly moduleRef: ModuleRef,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    const dataSource = this.moduleRef.get<DataSource>(getDataSourceToken(HOST_DATA_SOURCE), { strict: false });
    if (dataSource.isInitialized) await dataSource.destroy();
    await this.database.close();
  }
}

/** The database for the process of one module, under the tokens that the host's own has in the host. Nothing is migrated. */
@Module({})
export class ModulePersistenceModule {
  static forRoot(connection: ModuleConnection): DynamicModule {
    const opened: DynamicModule = {
      module: ConnectionModule,
      providers: [
        { provide: HOST_DATABASE, useFactory: () => HostDatabase.openForModule(connection) },
        { provide: HOST_POOL, inject: [HOST_DATABASE], useFactory: ({ pool }: HostDatabase) => pool },
      ],
      exports: [HOST_DATABASE, HOST_POOL],
    };
    const dataSource = TypeOrmModule.forRootAsync({
      name: HOST_DATA_SOURCE,
      imports: [opened],
      inject: [HOST_POOL],
      useFactory: (pool: HostDatabase['pool']) => ({ ...hostDataSourceOptions(pool), toRetry: () => false }),
    });
    return {
      module: ModulePersistenceModule,
      global: true,
      imports: [opened, dataSource],
      exports: [opened, dataSource],
    };
  }
}
