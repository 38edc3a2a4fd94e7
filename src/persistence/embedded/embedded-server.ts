import { type Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { databaseFolder, prepareDataDir, prepareDatabaseFolder } from './data-folder.js';
import { DataDirLock } from './data-dir-lock.js';
import { SharedBackend } from './shared-backend.js';
import { WireConnection } from './wire-connection.js';

/** PGlite turns fsync off (`-F`): a commit that was acknowledged must outlive a power cut. */
const START_PARAMETERS = [...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'), '-c', 'fsync=on'];

/** Milliseconds that a transaction of another process may say nothing while others wait. */
const REMOTE_IDLE_TRANSACTION_MS = 5_000;

/** Packed at build time; absent where the host runs from source. */
export const BUILT_TEMPLATE = fileURLToPath(new URL('./template.gz', import.meta.url));

export interface EmbeddedServerOptions {
  /** Absolute path; made where there is none. */
  readonly dataDir: string;
  /** File to start a new database from; where it is missing, initdb takes some seconds. */
  readonly template?: string;
  /** Milliseconds that a transaction may say nothing while others wait; 30000 where missing. */
  readonly idleTransactionMs?: number;
}

/** PostgreSQL in this process, on a data folder that no other host has open. */
export class EmbeddedServer {
  readonly #backend: SharedBackend;

  private constructor(
    private readonly server: PGlite,
    private readonly lock: DataDirLock,
    idleTransactionMs: number | undefined,
  ) {
    this.#backend = new SharedBackend(server, idleTransactionMs);
  }

  /** @throws {NestdockError} DATA_DIR_LOCKED, DATA_DIR_UNUSABLE, DATABASE_INCOMPATIBLE, DATABASE_UNREACHABLE */
  static async open(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
    const { dataDir, template = BUILT_TEMPLATE, idleTransactionMs } = options;
    await prepareDataDir(dataDir);
    const lock = await DataDirLock.acquire(dataDir);
    try {
      await prepareDatabaseFolder(dataDir, template, initialise);
      return new EmbeddedServer(await start(databaseFolder(dataDir)), lock, idleTransactionMs);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** For the `stream` option of `pg`. */
  readonly connect = (): Duplex => new WireConnection(this.#backend);

  /** For a client in another process, which may be stopped in the middle of a transaction: others do not wait long for it. */
  readonly connectRemote = (): Duplex => new WireConnection(this.#backend, REMOTE_IDLE_TRANSACTION_MS).connect();

  /** Close the connections first. */
  async close(): Promise<void> {
    try {
      await this.server.close();
    } finally {
      await this.lock.release();
    }
  }
}

async function initialise(folder: string): Promise<void> {
  await (await start(folder)).close();
}

async function start(folder: string): Promise<PGlite> {
  try {
    return await PGlite.create({ dataDir: folder, startParams: START_PARAMETERS });
  } catch (error) {
    throw new NestdockError('DATABASE_UNREACHABLE', `the embedded database in ${folder} does not start`, {
      cause: error,
    });
  }
}
