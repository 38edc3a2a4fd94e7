import { type DataSource, type EntityManager } from 'typeorm';
import { JOB_COLUMNS, type RunJob, STUCK } from './run-sql.js';
import { type Job, Run, type RunAttemptError, type RunStatus, type RunTrigger } from '../../persistence/index.js';

export interface NewRun {
  readonly id: string;
  readonly trigger: RunTrigger;
  readonly scheduledAt: Date;
  readonly config: Record<string, unknown> | null;
  readonly retryOf?: string;
  /** Absent: the run's own id. */
  readonly idempotencyKey?: string;
}

export interface RunInsert {
  readonly job: Pick<Job, 'id' | 'module' | 'overlap'>;
  readonly run: NewRun;
  /** Statuses of other runs of the job that have this one skipped. A stuck handler counts as running. */
  readonly blockedBy: readonly RunStatus[];
}

/** When a job ran, and when it is to. */
export type JobTimes = { readonly [K in 'lastRunAt' | 'nextRunAt' | 'answeredUntil']?: Date };

export interface HeldRun {
  readonly runId: string;
  /** The one that is to begin, counted from 1. */
  readonly attempt: number;
  readonly job: RunJob;
}

/** The rows of runs, as far as they are not an attempt's to write. */
export class RunRecords {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Inserts runs, each unless it is there already. What runs of the same statement do to one another is not looked at.
   * @param times to which those of locked jobs move on; none moves back.
   * @returns those that were made, `queued` or `skipped`, by id.
   */
  async insert(
    transaction: EntityManager,
    runs: readonly RunInsert[],
    times: readonly (JobTimes & Pick<Job, 'id'>)[],
  ): Promise<ReadonlyMap<string, Run>> {
    const { columns } = transaction.connection.getMetadata(Run);
    const rows = await transaction.query<Run[]>(
      `WITH advanced AS (
         UPDATE nestdock.job j SET last_run_at = GREATEST(j.last_run_at, t.last_run_at),
           next_run_at = GREATEST(j.next_run_at, t.next_run_at), answered_until = GREATEST(j.answered_until, t.answered_until)
         FROM (SELECT id, max("lastRunAt") AS last_run_at, max("nextRunAt") AS next_run_at, max("answeredUntil") AS answered_until
           FROM json_to_recordset($2) AS t (id uuid, "lastRunAt" timestamptz, "nextRunAt" timestamptz, "answeredUntil" timestamptz)
           GROUP BY id) AS t
         WHERE j.id = t.id)
       INSERT INTO nestdock.run (id, job_id, module, trigger, scheduled_at, config, retry_of, idempotency_key, exclusive, status, finished_at)
       SELECT n.id, n.job_id, n.module, n.trigger, n.scheduled_at, n.config, n.retry_of, n.idempotency_key, n.exclusive,
         CASE WHEN others.block THEN 'skipped' ELSE 'queued' END, CASE WHEN others.block THEN now() END
       FROM json_to_recordset($1) AS n (id uuid, job_id uuid, module text, trigger text, scheduled_at timestamptz,
           config jsonb, retry_of uuid, idempotency_key text, exclusive boolean, blocked_by text[]),
         LATERAL (SELECT n.blocked_by <> '{}' AND (
           EXISTS (SELECT FROM nestdock.run r WHERE r.job_id = n.job_id AND r.status = ANY(n.blocked_by))
           OR 'running' = ANY(n.blocked_by) AND EXISTS (SELECT FROM nestdock.run r WHERE r.job_id = n.job_id AND r.${STUCK})
         ) AS block) AS others
       ON CONFLICT DO NOTHING
       RETURNING ${columns.map(({ databaseName, propertyName }) => `${databaseName} AS "${propertyName}"`).join(', ')}`,
      [
        JSON.stringify(
          runs.map(({ job, run, blockedBy }) => ({
            id: run.id,
            job_id: job.id,
            module: job.module,
            trigger: run.trigger,
            scheduled_at: run.scheduledAt,
            config: run.config,
            retry_of: run.retryOf,
            idempotency_key: run.idempotencyKey,
            exclusive: job.overlap !== 'allow',
            blocked_by: blockedBy,
          })),
        ),
        JSON.stringify(times),
      ],
    );
    return new Map(rows.map((row) => [row.id, transaction.create(Run, row)]));
  }

  /** Ends a run that waits, as its job is disabled. */
  async skip(runId: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE nestdock.run SET status = 'skipped', finished_at = now() WHERE id = $1 AND status = 'queued'`,
      [runId],
    );
  }

  /** Ends the runs of a module's jobs that wait, except where they are to be held. */
  async skipAll(transaction: EntityManager, module: string): Promise<void> {
    await transaction.query(
      `UPDATE nestdock.run r SET status = 'skipped', finished_at = now() FROM nestdock.job j
       WHERE j.module = $1 AND r.job_id = j.id AND r.status = 'queued' AND (j.when_disabled = 'skip' OR j.orphaned)`,
      [module],
    );
  }

  /** Has a run wait without a message in the queue. */
  async hold(runId: string): Promise<void> {
    await this.dataSource.query(`UPDATE nestdock.run SET held = true WHERE id = $1 AND status = 'queued'`, [runId]);
  }

  /** Those runs that wait so although their jobs are enabled: they are held no more. @returns what to ask the queue for. */
  async release(transaction: EntityManager, modules: readonly string[]): Promise<HeldRun[]> {
    const [rows] = await transaction.query<[HeldRun[], number]>(
      `UPDATE nestdock.run r SET held = false FROM nestdock.job j
       WHERE r.held AND r.status = 'queued' AND j.id = r.job_id AND j.enabled AND j.module = ANY($1)
       RETURNING r.id AS "runId", jsonb_array_length(r.attempts) + 1 AS attempt, ${JOB_COLUMNS}`,
      [modules],
    );
    return rows;
  }

  /** @returns false where the run has ended already. */
  async cancel(runId: string, error: RunAttemptError): Promise<boolean> {
    const now = new Date().toISOString();
    const [, written] = await this.dataSource.query<[unknown, number]>(
      `UPDATE nestdock.run SET status = 'cancelled', finished_at = $2,
         attempts = CASE status WHEN 'running'
           THEN jsonb_set(attempts, '{-1}', attempts -> -1 || $3::jsonb) ELSE attempts END
       WHERE id = $1 AND status IN ('queued', 'running')`,
      [runId, now, JSON.stringify({ finishedAt: now, error })],
    );
    return written > 0;
  }
}
