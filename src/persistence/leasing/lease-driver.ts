import { EventEmitter } from 'node:events';
import pg from 'pg';
import { type Lease } from './lease.js';
import { type LeasePool } from './lease-pool.js';

type OnConnected = (error: unknown, lease?: Lease, release?: (error?: unknown) => void) => void;

/** A `driver` for TypeORM that borrows connections. It ends nothing: whoever made the pool closes it. */
export function leaseDriver(pool: LeasePool) {
  return {
    Pool: class extends EventEmitter {
      connect(onConnected: OnConnected): void {
        pool.connect().then(
          (lease) => onConnected(undefined, lease, (error) => lease.release(error)),
          (error: unknown) => onConnected(error),
        );
      }

      end(onEnded: () => void): void {
        onEnded();
      }
    },
    defaults: pg.defaults,
    types: pg.types,
  };
}
