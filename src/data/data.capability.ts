import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { type DataSource, type EntityManager, QueryFailedError, TypeORMError } from 'typeorm';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type Undo } from '../common/undo-stack.js';
import { type Capability, type Generation } from '../kernel/index.js';
import {
  ensureModuleSchema,
  HOST_DATA_SOURCE,
  HOST_DATABASE,
  type HostDatabase,
  moduleSchema,
  quoteIdentifier,
} from '../persistence/index.js';
import { requireOwnSchema } from './foreign-entities.js';
import { ModuleDataSource } from './module-data-source.js';
import { isMadeByTypeOrm } from './subscribers.js';

/** Gives a module its own schema, and a data source on it with the entities of its code. */
@Injectable()
export class DataCapability implements Capability {
  readonly name = 'data';
  readonly isolation = 'inline';

  constructor(
    @Inject(HOST_DATABASE) private readonly database: HostDatabase,
    @InjectDataSource(HOST_DATA_SOURCE) private readonly host: DataSource,
  ) {}

  /** @throws {NestdockError} MODULE_SCHEMA_UNAVAILABLE, MODULE_ENTITIES_INVALID, ENTITY_SCHEMA_FOREIGN, DATABASE_BUSY */
  async attach(generation: Generation): Promise<Undo> {
    const schema = moduleSchema(generation.name);
    await ensureModuleSchema(this.host, schema);
    const { entities, subscribers } = generation.part('entities');
    const dataSource = new ModuleDataSource({
      owner: generation.id,
      pool: this.database.poolFor(generation.name, [schema]),
      schema,
      entities: [...entities],
      subscribers: subscribers.filter(isMadeByTypeOrm),
      host: this.host,
    });
    try {
      await dataSource.initialize();
      requireOwnSchema(dataSource.entityMetadatas, schema);
    } catch (error) {
      await dataSource.destroy();
      throw asEntityFailure(generation.name, error);
    }
    generation.provide('data', { dataSource });
    return () => dataSource.destroy();
  }

  async purge(moduleName: string, transaction: EntityManager): Promise<void> {
    await transaction.query(`DROP SCHEMA IF EXISTS ${quoteIdentifier(moduleSchema(moduleName))} CASCADE`);
  }
}

/** What TypeORM has to say of the entities themselves, and not of the database. */
function asEntityFailure(moduleName: string, error: unknown): unknown {
  if (!(error instanceof TypeORMError) || error instanceof QueryFailedError) return error;
  const detail = `TypeORM cannot use the entities of ${moduleName}: ${error.message}`;
  return new NestdockError('MODULE_ENTITIES_INVALID', detail, { cause: error });
}
