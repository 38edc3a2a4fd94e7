import type pg from 'pg';
import { marksSession } from './session-marks.js';

/** In what state a connection is given back. */
export interface LeaseEnd {
  /** Something of the lessee's may be left in the session. */
  readonly marked: boolean;
  /** It has prepared statements by name, which `pg` believes to be there for good. */
  readonly named: boolean;
  /** A query was still running. */
  readonly running: boolean;
  /** Why nobody may use the connection again; undefined where others may. */
  readonly broken: Error | undefined;
}

/** The client's own overloads do not take arguments that are handed on. */
type AnyQuery = { query(...args: unknown[]): unknown };
type Listener = (...args: unknown[]) => void;

/**
 * A connection while it is lent out: of `pg`'s client, what TypeORM and raw SQL need. It takes note of what the lessee
 * leaves behind, and answers nobody once it is released.
 */
export class Lease {
  readonly #listeners: [event: string, listener: Listener][] = [];
  #running = 0;
  #marked = false;
  #named = false;
  #released = false;
  #reason: Error | undefined;

  constructor(
    private readonly client: pg.PoolClient,
    private readonly giveBack: (end: LeaseEnd) => void,
    /** It leaves nothing behind: that is not looked for. */
    private readonly trusted = false,
  ) {}

  /** As the client's: with a promise, a callback, or a query that streams. */
  query<R extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<pg.QueryResult<R>>;
  query(config: unknown, ...rest: unknown[]): unknown;
  query(config: unknown, ...rest: unknown[]): unknown {
    if (this.#released) throw this.#reason ?? new Error('the connection was released');
    this.#note(config);
    this.#running++;
    const args = rest.map((each) => (typeof each === 'function' ? this.#untilCalled(each as Listener) : each));
    const result = (this.client as AnyQuery).query(config, ...args);
    if (isPromise(result)) return this.#untilSettled(result);
    if (isStreaming(config)) this.client.once('drain', () => this.#running--);
    return result;
  }

  on(event: string, listener: Listener): this {
    this.#listeners.push([event, listener]);
    this.client.on(event as 'drain', listener);
    return this;
  }

  once(event: string, listener: Listener): this {
    this.#listeners.push([event, listener]);
    this.client.once(event, listener);
    return this;
  }

  off(event: string, listener: Listener): this {
    this.client.off(event, listener);
    return this;
  }

  removeListener(event: string, listener: Listener): this {
    return this.off(event, listener);
  }

  /**
   * Gives the connection back; a second call does nothing.
   * @param error the connection is of no use any more
   * @param reason what queries fail with that come later or still run
   */
  release(error?: unknown, reason?: Error): void {
    if (this.#released) return;
    this.#released = true;
    this.#reason = reason;
    for (const [event, listener] of this.#listeners.splice(0)) this.off(event, listener);
    const running = this.#running > 0;
    this.giveBack({ marked: this.#marked, named: this.#named, running, broken: this.#flaw(error, running) });
  }

  #flaw(error: unknown, running: boolean): Error | undefined {
    if (error) return new Error('the lessee found it broken', { cause: error });
    if (running) return new Error('it was released while a query ran');
    return this.client.getTransactionStatus() === 'I' ? undefined : new Error('it was released in a transaction');
  }

  #note(config: unknown): void {
    if (this.trusted) return;
    const { text, name } = typeof config === 'string' ? { text: config } : (config as pg.QueryConfig);
    if (typeof text !== 'string' || marksSession(text)) this.#marked = true;
    if (name !== undefined) this.#marked = this.#named = true;
  }

  async #untilSettled(result: Promise<unknown>): Promise<unknown> {
    try {
      return await result;
    } catch (error) {
      if (!this.#reason) throw error;
      this.#reason.cause ??= error;
      throw this.#reason;
    } finally {
      this.#running--;
    }
  }

  #untilCalled(callback: Listener): Listener {
    return (...args) => {
      this.#running--;
      callback(...args);
    };
  }
}

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value;

/** A query that answers by events, as those of `pg-query-stream` do. */
const isStreaming = (config: unknown): boolean =>
  typeof config === 'object' && config !== null && 'submit' in config && !('callback' in config && config.callback);
