import pg from 'pg';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { Lease, type LeaseEnd } from './lease.js';

/** Schemas that unqualified names are looked up in, in this order; none: as the server has it for the role. */
export type SearchPath = readonly string[];

/** Who borrows. */
export interface Lessee {
  readonly searchPath: SearchPath;
  /** Leaves nothing in a session that outlives its transactions. */
  readonly trusted?: boolean;
  /** Called once a connection is free for others again. */
  readonly onReturn: (lease: Lease) => void;
}

/**
 * The host's one pool, lent out connection by connection. A lessee finds its own search path set, and nothing that
 * another has left: what may be marked is discarded, what is in use or in a transaction is closed.
 */
export class SharedConnections {
  /** Search path that a connection has, as SQL; missing: the server's. */
  readonly #paths = new WeakMap<pg.PoolClient, string>();

  constructor(
    private readonly pool: pg.Pool,
    /** Whether each connection has a session of its own, which runs on by itself for a while where the connection is cut. */
    private readonly ownBackends: boolean,
    private readonly onError: (error: Error) => void,
  ) {}

  /** @throws {NestdockError} DATABASE_BUSY where no connection became free in time */
  async lend(lessee: Lessee): Promise<Lease> {
    const client = await this.#connect();
    const path = lessee.searchPath.map((schema) => pg.escapeIdentifier(schema)).join(', ');
    if ((this.#paths.get(client) ?? '') !== path) await this.#setPath(client, path);
    const giveBack = (end: LeaseEnd): void => {
      void this.#takeBack(client, end).then(() => lessee.onReturn(lease));
    };
    const lease: Lease = new Lease(client, giveBack, lessee.trusted);
    return lease;
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      return await this.pool.connect();
    } catch (cause) {
      const { totalCount, idleCount, options } = this.pool;
      if (idleCount > 0 || totalCount < options.max) throw cause;
      const detail = `None of the ${options.max} connections became free in time.`;
      throw new NestdockError('DATABASE_BUSY', detail, { cause });
    }
  }

  async #setPath(client: pg.PoolClient, path: string): Promise<void> {
    this.#paths.delete(client);
    try {
      await client.query(path === '' ? 'RESET search_path' : `SET search_path TO ${path}`);
    } catch (error) {
      client.release(true);
      throw error;
    }
    if (path !== '') this.#paths.set(client, path);
  }

  /** Where the session is shared, it must be rid of what a connection that is cut has left in it. */
  async #takeBack(client: pg.PoolClient, { broken, marked, named, running }: LeaseEnd): Promise<void> {
    if (broken) {
      client.release(broken);
      if (this.pool.ending) return;
      if (!this.ownBackends && marked) this.#connect().then((other) => this.#discard(other), this.onError);
      if (this.ownBackends && running) this.#cancel(client);
    } else if (marked) await this.#discard(client, named);
    else client.release();
  }

  async #discard(client: pg.PoolClient, close = false): Promise<void> {
    this.#paths.delete(client);
    try {
      await client.query('DISCARD ALL');
      client.release(close);
    } catch (error) {
      client.release(error as Error);
    }
  }

  /** The server would otherwise notice that nobody listens when it has the answer. */
  #cancel(client: pg.PoolClient): void {
    const { processID } = client as unknown as { processID: number };
    this.pool.query('SELECT pg_cancel_backend($1)', [processID]).catch(this.onError);
  }
}
