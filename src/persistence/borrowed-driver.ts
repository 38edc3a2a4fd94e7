import { EventEmitter } from 'node:events';
import pg from 'pg';

type ConnectCallback = Parameters<pg.Pool['connect']>[0];

/** A `driver` for TypeORM whose pool is one that exists already, and goes on once the data source is gone. */
export function borrowedDriver(pool: pg.Pool) {
  return {
    Pool: class BorrowedPool extends EventEmitter {
      connect(callback: ConnectCallback): void {
        pool.connect(callback);
      }

      end(callback: () => void): void {
        callback();
      }
    },
    defaults: pg.defaults,
    types: pg.types,
  };
}
