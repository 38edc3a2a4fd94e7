import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { type DataSource, type EntityManager } from 'typeorm';
import { HOST_CONFIG, type HostConfig } from '../../config/index.js';
import { type HostDatabase } from '../host-database.js';
import { moduleSchema } from '../module-schema.js';
import { HOST_DATA_SOURCE, HOST_DATABASE } from '../tokens.js';
import { type FolderOwner, serveEmbedded } from './embedded-socket.js';
import { ensureModuleSchema } from './ensure-module-schema.js';
import { type ModuleConnection } from './module-connection.js';
import { dropModuleRole, ensureModuleRole, rolePassword } from './module-role.js';

/** Connections of one process, at most. */
const POOL_SIZE = 5;

/** A way to the database that is open for one generation of a module. */
export interface OpenAccess {
  readonly connection: ModuleConnection;
  /** To be called once the process is gone. */
  readonly close: () => Promise<void>;
}

/**
 * Lets the process of a module at the host's database. On PostgreSQL it gets a role that is limited to the module's own
 * schema; the embedded database knows no such limits, and is reached through a socket that the host serves.
 */
@Injectable()
export class ModuleAccess {
  constructor(
    @Inject(HOST_DATABASE) private readonly database: HostDatabase,
    @InjectDataSource(HOST_DATA_SOURCE) private readonly host: DataSource,
    @Inject(HOST_CONFIG) private readonly config: Pick<HostConfig, 'secretKey'>,
  ) {}

  /**
   * @param owner whom the process runs as; undefined: as the host
   * @throws {NestdockError} MODULE_SCHEMA_UNAVAILABLE, MODULE_ROLE_UNAVAILABLE
   */
  async open(module: string, owner?: FolderOwner): Promise<OpenAccess> {
    await ensureModuleSchema(this.host, moduleSchema(module));
    if (this.database.kind === 'embedded') {
      const connect = () => this.database.connectRemote();
      const served = await serveEmbedded({ connect, connections: POOL_SIZE, owner });
      return {
        connection: { kind: 'embedded', folder: served.folder, poolSize: POOL_SIZE },
        close: () => served.close(),
      };
    }
    const { secretKey } = this.config;
    if (secretKey === undefined) throw new Error('a host on PostgreSQL has a key');
    const role = await ensureModuleRole(this.host, module, (name) => rolePassword(secretKey, name));
    const url = this.database.urlAs(role, rolePassword(secretKey, role));
    return { connection: { kind: 'postgres', url, poolSize: POOL_SIZE }, close: async () => undefined };
  }

  /** Drops what a module has been let in with, in the transaction that drops its data. */
  async drop(module: string, transaction: EntityManager): Promise<void> {
    if (this.database.kind === 'postgres') await dropModuleRole(transaction, module);
  }
}
