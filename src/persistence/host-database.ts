import { type Duplex } from 'node:stream';
import pg from 'pg';
import { withDeadline } from '../common/deadline.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { LeasePool } from './leasing/lease-pool.js';
import { Places } from './leasing/places.js';
import { type SearchPath, SharedConnections } from './leasing/shared-connections.js';
import { type ModuleConnection } from './module-access/module-connection.js';
import { checkServer } from './postgres/check-server.js';

/** Connections of one host, at most. */
const POOL_SIZE = 10;
/** Of these, what all modules together may hold: the host goes on working whatever they do. */
const MODULES_SIZE = 8;
/** And what one module may hold: it cannot stop the others for ever. */
const MODULE_SIZE = 6;
/** Waiting longer for a connection is an error: the pool is used up by something that does not end. */
const CONNECT_TIMEOUT_MS = 15_000;
/** What is still borrowed after this is cut off. */
const CLOSE_TIMEOUT_MS = 5_000;

export interface HostDatabaseOptions {
  /** PostgreSQL 14 or later; undefined for the embedded database in `dataDir`. */
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  /** For the embedded database: file to start a new one from. */
  readonly template?: string;
  /** A connection broke outside a query; the pool opens another. */
  readonly onConnectionError?: (error: Error) => void;
}

/** The host's database, open: one pool of connections for all that host and modules do in it. */
export class HostDatabase {
  /** The host's own; its search path is the server's. */
  readonly pool: LeasePool;
  readonly #connections: pg.Pool;
  readonly #shared: SharedConnections;
  readonly #modulePlaces = new Places(MODULES_SIZE, 'all modules');
  readonly #listeners = new Set<pg.Client>();
  #closing: Promise<void> | undefined;

  private constructor(
    readonly kind: 'embedded' | 'postgres',
    private readonly connection: pg.ClientConfig,
    private readonly onConnectionError: (error: Error) => void,
    private readonly closeServer: () => Promise<void>,
    poolSize = POOL_SIZE,
    private readonly remote?: () => Duplex,
  ) {
    const options = { ...connection, max: poolSize, connectionTimeoutMillis: CONNECT_TIMEOUT_MS };
    this.#connections = new pg.Pool(options);
    this.#connections.on('error', onConnectionError);
    // A connection may break while it is borrowed, by one who does not watch it: that must not end the process.
    this.#connections.on('connect', (client) => client.on('error', onConnectionError));
    this.#shared = new SharedConnections(this.#connections, kind === 'postgres', onConnectionError);
    this.pool = new LeasePool(this.#shared, { name: 'the host', searchPath: [], trusted: true });
  }

  /**
   * @throws {NestdockError} DATABASE_UNREACHABLE, DATABASE_TOO_OLD; embedded also DATA_DIR_LOCKED, DATA_DIR_UNUSABLE,
   * DATABASE_INCOMPATIBLE
   */
  static open(options: HostDatabaseOptions): Promise<HostDatabase> {
    const { databaseUrl } = options;
    return databaseUrl === undefined ? openEmbedded(options) : openPostgres(databaseUrl, options);

    async function openEmbedded({
      dataDir,
      template,
      onConnectionError = ignore,
    }: HostDatabaseOptions): Promise<HostDatabase> {
      // A host on PostgreSQL, and the process of a module, have no use for it.
      const { EmbeddedServer } = await import('./embedded/embedded-server.js');
      const server = await EmbeddedServer.open({ dataDir, ...(template !== undefined && { template }) });
      const connection = { stream: server.connect, user: 'postgres', database: 'postgres' };
      const close = () => server.close();
      return new HostDatabase('embedded', connection, onConnectionError, close, POOL_SIZE, server.connectRemote);
    }

    async function openPostgres(
      url: string,
      { onConnectionError = ignore }: HostDatabaseOptions,
    ): Promise<HostDatabase> {
      const connection = { connectionString: url, application_name: 'nestdock', keepAlive: true };
      const database = new HostDatabase('postgres', connection, onConnectionError, async () => undefined);
      try {
        await checkServer(database.pool, url);
        return database;
      } catch (error) {
        await database.close();
        throw error;
      }
    }
  }

  /** As the process of a module has it: the module's own, with no more than its share. */
  static async openForModule(module: ModuleConnection): Promise<HostDatabase> {
    const connection =
      module.kind === 'postgres'
        ? { connectionString: module.url, application_name: 'nestdock-module', keepAlive: true }
        : { host: module.folder, port: 5432, user: 'postgres', database: 'postgres' };
    return new HostDatabase(module.kind, connection, ignore, async () => undefined, module.poolSize);
  }

  /** Where the database is, for another role of the server. For PostgreSQL alone. */
  urlAs(user: string, password: string): string {
    const url = new URL(this.connection.connectionString ?? '');
    url.username = encodeURIComponent(user);
    url.password = encodeURIComponent(password);
    return url.href;
  }

  /** A connection that speaks PostgreSQL's protocol, for a client in another process. For the embedded database alone. */
  connectRemote(): Duplex {
    if (!this.remote) throw new Error('only the embedded database is reached by streams');
    return this.remote();
  }

  /**
   * Connections for a module: of the same pool, but no more than its share.
   * @param name of the module, for messages
   */
  poolFor(name: string, searchPath: SearchPath): LeasePool {
    const places = [new Places(MODULE_SIZE, 'one module'), this.#modulePlaces];
    return new LeasePool(this.#shared, { name, searchPath, places });
  }

  /**
   * A connection outside the pool, to `LISTEN` on. Whoever asks for it watches its `error` and `end` events and opens
   * another where it breaks; {@link close} ends those that are left.
   */
  async connectListener(): Promise<pg.Client> {
    if (this.#closing) throw new NestdockError('HOST_STOPPING', 'the database is being closed');
    const client = new pg.Client({ ...this.connection, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
    this.#listeners.add(client);
    client.on('error', this.onConnectionError);
    client.once('end', () => this.#listeners.delete(client));
    try {
      await client.connect();
      return client;
    } catch (error) {
      this.#listeners.delete(client);
      throw error;
    }
  }

  /** Ends listeners and pool, then the embedded server, then gives the lock on the data folder back. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const late = new Error(`connections were still in use ${CLOSE_TIMEOUT_MS} ms after the close`);
    try {
      const ended = Promise.all([...[...this.#listeners].map((client) => client.end()), this.#connections.end()]);
      await withDeadline(ended, CLOSE_TIMEOUT_MS, () => late);
    } catch (error) {
      if (error !== late) throw error;
      this.onConnectionError(late);
    } finally {
      await this.closeServer();
    }
  }
}

const ignore = (): void => undefined;
