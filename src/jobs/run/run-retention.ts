import { type DataSource } from 'typeorm';
import { type AttemptRecords } from './attempt-records.js';

export interface RetentionPolicy {
  /** A run that ended longer ago is removed. */
  readonly days: number;
  /** Of those that a job has beyond so many, the oldest are removed. */
  readonly runsPerJob: number;
}

const SWEEP_MS = 60_000;
/** Rows of one transaction, so that nobody waits for long. */
const BATCH = 500;
/** Transactions of one sweep; the rest waits for the next. */
const BATCHES = 20;
/** Any number that nobody else locks: of several hosts that sweep at once, one does, and the others leave it to that. */
const LOCK_KEY = '5263412098861730417';

const BY_AGE = `
  DELETE FROM nestdock.run WHERE id IN (
    SELECT id FROM nestdock.run
    WHERE scheduled_at < now() - make_interval(days => $1) AND finished_at < now() - make_interval(days => $1)
    ORDER BY scheduled_at LIMIT ${BATCH})`;

/** A run of the last hour stays in any case: a host that stood still for a while may yet bring its tick. */
const BY_COUNT = `
  DELETE FROM nestdock.run WHERE id IN (
    SELECT beyond.id FROM nestdock.job CROSS JOIN LATERAL (
      SELECT id, finished_at FROM nestdock.run
      WHERE job_id = job.id ORDER BY scheduled_at DESC, id DESC OFFSET $1 LIMIT ${BATCH}) AS beyond
    WHERE beyond.finished_at < now() - interval '1 hour' LIMIT ${BATCH})`;

/** Removes old runs, a little at a time. Those that have not ended are never touched. */
export class RunRetention {
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly attempts: AttemptRecords,
    private readonly policy: RetentionPolicy,
    private readonly onError: (error: unknown) => void,
  ) {}

  start(): void {
    this.#timer ??= setInterval(() => {
      this.#sweeping = this.#sweeping.then(() => this.sweep()).catch(this.onError);
    }, SWEEP_MS).unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  /** @returns how many runs it has removed. */
  async sweep(): Promise<number> {
    await this.attempts.clearStaleMarks();
    const byAge = await this.#remove(BY_AGE, this.policy.days);
    return byAge + (await this.#remove(BY_COUNT, this.policy.runsPerJob));
  }

  async #remove(sql: string, limit: number): Promise<number> {
    let removed = 0;
    for (let batch = 0; batch < BATCHES && !this.#stopped; batch++) {
      const count = await this.#removeBatch(sql, limit);
      removed += count;
      if (count < BATCH) break;
    }
    return removed;
  }

  #removeBatch(sql: string, limit: number): Promise<number> {
    return this.dataSource.transaction(async (transaction) => {
      const [lock] = await transaction.query<{ mine: boolean }[]>(
        'SELECT pg_try_advisory_xact_lock($1::bigint) AS mine',
        [LOCK_KEY],
      );
      if (!lock?.mine) return 0;
      const [, count] = await transaction.query<[unknown, number]>(sql, [limit]);
      return count;
    });
  }
}
