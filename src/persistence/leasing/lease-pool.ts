import { type QueryResult, type QueryResultRow } from 'pg';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { type Lease } from './lease.js';
import { type Places } from './places.js';
import { type SearchPath, type SharedConnections } from './shared-connections.js';

/** Milliseconds to wait for a place. */
const WAIT_MS = 15_000;

export interface LeasePoolOptions {
  /** Of the lessee, for messages. */
  readonly name: string;
  readonly searchPath: SearchPath;
  /** It leaves nothing in a session that outlives its transactions, and prepares no statements by name. */
  readonly trusted?: boolean;
  /** A connection is lent where all of these have a place: the lessee's own, first, and those it shares with others. */
  readonly places?: readonly Places[];
  /** Milliseconds to wait for the places; 15000 where missing. */
  readonly waitMs?: number;
}

/** One lessee of the shared connections, with its search path and its limits. */
export class LeasePool {
  readonly #leases = new Set<Lease>();
  readonly #waiting = new Set<AbortController>();
  #closed: (() => Error) | undefined;

  constructor(
    private readonly connections: SharedConnections,
    private readonly options: LeasePoolOptions,
  ) {}

  /** @throws {NestdockError} DATABASE_BUSY where nothing became free in time; after {@link close}, the reason given there */
  async connect(): Promise<Lease> {
    this.#throwIfClosed();
    const leave = await this.#enter();
    const { searchPath, trusted = false } = this.options;
    try {
      this.#throwIfClosed();
      const onReturn = (returned: Lease): void => {
        this.#leases.delete(returned);
        leave();
      };
      const lease = await this.connections.lend({ searchPath, trusted, onReturn });
      this.#leases.add(lease);
      if (this.#closed) lease.release(undefined, this.#closed());
      this.#throwIfClosed();
      return lease;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** One statement on a connection of its own. */
  async query<R extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<QueryResult<R>> {
    const lease = await this.connect();
    try {
      return await lease.query<R>(text, values);
    } finally {
      lease.release();
    }
  }

  /** Cuts off what is lent and turns away who waits; neither waits for a query. A second call does nothing. */
  close(reason: () => Error): void {
    if (this.#closed) return;
    this.#closed = reason;
    for (const waiting of this.#waiting) waiting.abort(reason());
    for (const lease of this.#leases) lease.release(undefined, reason());
  }

  /** @returns what gives the places back; a second call does nothing. */
  async #enter(): Promise<() => void> {
    const { name, places = [], waitMs = WAIT_MS } = this.options;
    const taken: (() => void)[] = [];
    const leave = (): void => taken.splice(0).forEach((leaveOne) => leaveOne());
    if (places.length === 0) return leave;
    const waiting = new AbortController();
    const timer = setTimeout(() => waiting.abort(this.#busy()), waitMs);
    this.#waiting.add(waiting);
    try {
      for (const each of places) taken.push(await each.take(name, waiting.signal));
      return leave;
    } catch (error) {
      leave();
      throw error;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(waiting);
    }
  }

  #busy(): NestdockError {
    const { name, places = [], waitMs = WAIT_MS } = this.options;
    const held = places.map((each) => each.describe()).join('; ');
    return new NestdockError('DATABASE_BUSY', `${name} got no database connection within ${waitMs} ms: ${held}.`);
  }

  #throwIfClosed(): void {
    if (this.#closed) throw this.#closed();
  }
}
