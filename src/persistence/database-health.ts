import { Inject, Injectable } from '@nestjs/common';
import { withDeadline } from '../common/deadline.js';
import { toError } from '../common/to-error.js';
import { type LeasePool } from './leasing/lease-pool.js';
import { HOST_POOL } from './tokens.js';

const ANSWER_WITHIN_MS = 2_000;

export type DatabaseHealthReport =
  | { readonly healthy: true; readonly latencyMs: number }
  | { readonly healthy: false; readonly latencyMs: number; readonly error: Error };

/** Whether the database answers now, for `/health/ready`. */
@Injectable()
export class DatabaseHealth {
  constructor(@Inject(HOST_POOL) private readonly pool: LeasePool) {}

  async check(): Promise<DatabaseHealthReport> {
    const asked = performance.now();
    const latencyMs = (): number => Math.round(performance.now() - asked);
    try {
      await withDeadline(
        this.pool.query('SELECT 1'),
        ANSWER_WITHIN_MS,
        () => new Error(`the database has not answered within ${ANSWER_WITHIN_MS} ms`),
      );
      return { healthy: true, latencyMs: latencyMs() };
    } catch (error) {
      return { healthy: false, latencyMs: latencyMs(), error: toError(error) };
    }
  }
}
