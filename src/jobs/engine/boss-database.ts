import { type Db } from 'pg-boss';
import type pg from 'pg';
import { type EntityManager } from 'typeorm';
import { type HostDatabase } from '../../persistence/index.js';

const FIRST_RECONNECT_MS = 500;
const LONGEST_RECONNECT_MS = 30_000;

export interface BossDatabaseOptions {
  /** A queue has something new, or may have had it while nobody listened. */
  readonly onNews: () => void;
  readonly onError: (error: Error) => void;
}

/** pg-boss on the host's own pool, listening on a connection beside it. */
export function bossDatabase(database: HostDatabase, { onNews, onError }: BossDatabaseOptions): Db {
  return {
    async executeSql(text, values) {
      return flattened(await database.pool.query(text, values));
    },

    // pg-boss wakes every worker at each notice, and each one asks the database; `onNews` wakes one at a time.
    async listen(channel, _onNotification, _onReconnect) {
      const listening = new Listening(database, channel, onNews, onError);
      await listening.open();
      return { close: () => listening.close() };
    },
  };
}

/** For pg-boss calls that belong to a transaction of TypeORM's. */
export function transactionDatabase(transaction: EntityManager): Db {
  return {
    async executeSql(text, values) {
      const runner = transaction.queryRunner;
      if (!runner) throw new Error('the entity manager belongs to no transaction');
      const { records } = await runner.query(text, values as unknown[], true);
      return { rows: records as unknown[] };
    },
  };
}

/** `pg` answers several statements with a list of results; pg-boss wants one. */
function flattened(result: pg.QueryResult | pg.QueryResult[]): { rows: unknown[] } {
  return Array.isArray(result) ? { rows: result.flatMap(({ rows }) => rows as unknown[]) } : result;
}

/** One channel, listened to again whenever the connection breaks. */
class Listening {
  #client: pg.Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #delay = FIRST_RECONNECT_MS;
  #closed = false;

  constructor(
    private readonly database: HostDatabase,
    private readonly channel: string,
    private readonly onNews: () => void,
    private readonly onError: (error: Error) => void,
  ) {}

  async open(): Promise<void> {
    const client = await this.database.connectListener();
    this.#client = client;
    client.on('notification', () => this.onNews());
    client.once('end', () => this.#reopenLater());
    await client.query(`LISTEN "${this.channel}"`);
    if (this.#closed) return this.close();
    this.#delay = FIRST_RECONNECT_MS;
    this.onNews();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const client = this.#client;
    this.#client = undefined;
    client?.removeAllListeners('notification');
    await client?.end();
  }

  #reopenLater(): void {
    if (this.#closed) return;
    this.#retry = setTimeout(() => {
      this.open().catch((error: Error) => {
        this.onError(error);
        this.#reopenLater();
      });
    }, this.#delay).unref();
    this.#delay = Math.min(LONGEST_RECONNECT_MS, this.#delay * 2);
  }
}
