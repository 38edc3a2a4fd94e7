import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { type DataSource, type EntityManager } from 'typeorm';
import { type Undo } from '../common/undo-stack.js';
import { type Capability, type Generation } from '../kernel/index.js';
import {
  borrowedDriver,
  HOST_DATA_SOURCE,
  HOST_POOL,
  type HostDatabase,
  moduleSchema,
  quoteIdentifier,
} from '../persistence/index.js';
import { ensureSchema } from './ensure-schema.js';
import { ModuleDataSource } from './module-data-source.js';

/** Gives a module its own schema, and a data source on it with the entities of its code. */
@Injectable()
export class DataCapability implements Capability {
  readonly name = 'data';

  constructor(
    @Inject(HOST_POOL) private readonly pool: HostDatabase['pool'],
    @InjectDataSource(HOST_DATA_SOURCE) private readonly host: DataSource,
  ) {}

  /** @throws {NestdockError} MODULE_SCHEMA_UNAVAILABLE, MODULE_ENTITIES_INVALID, ENTITY_SCHEMA_FOREIGN */
  async attach(generation: Generation): Promise<Undo> {
    const schema = moduleSchema(generation.name);
    await ensureSchema(this.host, schema);
    const { entities } = generation.part('entities');
    const dataSource = new ModuleDataSource({
      type: 'postgres',
      driver: borrowedDriver(this.pool),
      schema,
      entities: [...entities],
      uuidExtension: 'pgcrypto',
      installExtensions: false,
      synchronize: false,
    });
    await dataSource.initialize();
    generation.provide('data', { dataSource });
    return async () => {
      if (dataSource.isInitialized) await dataSource.destroy();
    };
  }

  async purge(moduleName: string, transaction: EntityManager): Promise<void> {
    await transaction.query(`DROP SCHEMA IF EXISTS ${quoteIdentifier(moduleSchema(moduleName))} CASCADE`);
  }
}
