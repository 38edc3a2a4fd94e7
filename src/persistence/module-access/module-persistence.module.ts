import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { hostDataSourceOptions } from '../host-data-source.js';
import { HostDatabase } from '../host-database.js';
import { HOST_DATA_SOURCE, HOST_DATABASE, HOST_POOL } from '../tokens.js';
import { type ModuleConnection } from './module-access.js';
@Module({})
class Db {
  static forRoot(c: ModuleConnection): DynamicModule {
    return {
      module: Db,
      providers: [
        { provide: HOST_DATABASE, useFactory: () => HostDatabase.open({ databaseUrl: c.url, dataDir: '' }) },
        { provide: HOST_POOL, inject: [HOST_DATABASE], useFactory: (d: HostDatabase) => d.pool },
      ],
      exports: [HOST_DATABASE, HOST_POOL],
    };
  }
}
@Module({})
export class ModulePersistenceModule {
  static forRoot(c: ModuleConnection, _name: string): DynamicModule {
    const db = Db.forRoot(c);
    return {
      module: ModulePersistenceModule,
      global: true,
      imports: [
        db,
        TypeOrmModule.forRootAsync({
          name: HOST_DATA_SOURCE,
          imports: [db],
          inject: [HOST_POOL],
          useFactory: (pool: HostDatabase['pool']) => hostDataSourceOptions(pool),
        }),
      ],
      exports: [db, TypeOrmModule],
    };
  }
}
