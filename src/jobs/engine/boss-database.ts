import { type Db } from 'pg-boss';
import type pg from 'pg';
import { type EntityManager } from 'typeorm';
import { type HostDatabase, Listening } from '../../persistence/index.js';

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
      const listening = new Listening(database, channel, { onNotification: onNews, onOpen: onNews, onError });
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
