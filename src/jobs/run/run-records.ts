import { type DataSource, type EntityManager } from 'typeorm';
import {
  type Job,
  type RunAttempt,
  type RunAttemptError,
  type RunLogLine,
  type RunProgress,
  type RunStatus,
  type RunTrigger,
} from '../../persistence/index.js';

/** What a run needs of its job while it runs. */
export type RunJob = Pick<
  Job,
  | 'id'
  | 'module'
  | 'key'
  | 'timeout'
  | 'retries'
  | 'backoff'
  | 'overlap'
  | 'config'
  | 'configOverride'
  | 'enabled'
  | 'orphaned'
  | 'whenDisabled'
>;

/** The one who may write to a run: whoever has a later attempt, or a later delivery of it, shuts the earlier ones out. */
export interface Claim {
  readonly runId: string;
  /** Counted from 1. */
  readonly attempt: number;
  readonly delivery: number;
}

export interface ClaimedRun extends Claim {
  readonly scheduledAt: Date;
  readonly config: Record<string, unknown> | null;
  readonly idempotencyKey: string;
  readonly log: RunLogLine[];
  /** Earlier attempts that do not count. */
  readonly interruptions: number;
  readonly job: RunJob;
}

export interface RunWithJob {
  readonly status: RunStatus;
  /** Attempts that have begun. */
  readonly attempts: number;
  /** Those of them that do not count. */
  readonly interruptions: number;
  readonly delivery: number;
  readonly job: RunJob;
}

export interface NewRun {
  readonly id: string;
  readonly trigger: RunTrigger;
  readonly scheduledAt: Date;
  readonly config: Record<string, unknown> | null;
  readonly retryOf?: string;
  /** Absent: the run's own id. */
  readonly idempotencyKey?: string;
}

export interface HeldRun {
  readonly runId: string;
  /** The one that is to begin, counted from 1. */
  readonly attempt: number;
  readonly job: RunJob;
}

/** What is known of an attempt while it goes on and once it has ended. */
export interface AttemptTrace {
  readonly log: readonly RunLogLine[];
  readonly progress: RunProgress | null;
}

export interface Settlement {
  readonly status: Exclude<RunStatus, 'running' | 'cancelled' | 'skipped'>;
  readonly error: RunAttemptError | null;
  /** The attempt does not count. */
  readonly interrupted?: boolean;
  readonly result?: unknown;
  /** Absent where the attempt's host was lost: what it has written so far stays. */
  readonly trace?: AttemptTrace;
  /** The handler goes on although it was told to stop. */
  readonly stuck?: boolean;
}

const JOB_COLUMNS = `json_build_object('id', j.id, 'module', j.module, 'key', j.key, 'timeout', j.timeout,
  'retries', j.retries, 'backoff', j.backoff, 'overlap', j.overlap, 'config', j.config,
  'configOverride', j.config_override, 'enabled', j.enabled, 'orphaned', j.orphaned, 'whenDisabled', j.when_disabled) AS job`;

const INTERRUPTIONS = `jsonb_array_length(jsonb_path_query_array(r.attempts, '$[*] ? (@.interrupted == true)')) AS interruptions`;

/** Holds for as long as nobody has taken the run over, cancelled or settled it. */
const HELD = `id = $1 AND status = 'running' AND jsonb_array_length(attempts) = $2 AND delivery = $3`;

/** A mark that nobody has renewed for so long is that of a host which is gone. */
const STUCK = `stuck_at > now() - interval '15 seconds'`;

/** The rows of runs. Each write that speaks for an attempt is fenced: it changes nothing once the claim is lost. */
export class RunRecords {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * @param blockedBy statuses of other runs of the job that have this one skipped. A stuck handler counts as running.
   * @returns undefined where the run is there already.
   */
  async insert(
    transaction: EntityManager,
    job: Pick<Job, 'id' | 'module' | 'overlap'>,
    run: NewRun,
    blockedBy: readonly RunStatus[],
  ): Promise<'queued' | 'skipped' | undefined> {
    const rows = await transaction.query<{ status: 'queued' | 'skipped' }[]>(
      `INSERT INTO nestdock.run (id, job_id, module, trigger, scheduled_at, config, retry_of, idempotency_key, exclusive, status, finished_at)
       SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9,
         CASE WHEN blocked THEN 'skipped' ELSE 'queued' END, CASE WHEN blocked THEN now() END
       FROM (SELECT EXISTS (SELECT FROM nestdock.run WHERE job_id = $2 AND status = ANY($10))
         OR 'running' = ANY($10) AND EXISTS (SELECT FROM nestdock.run WHERE job_id = $2 AND ${STUCK}) AS blocked) AS others
       ON CONFLICT DO NOTHING RETURNING status`,
      [
        run.id,
        job.id,
        job.module,
        run.trigger,
        run.scheduledAt,
        json(run.config),
        run.retryOf ?? null,
        run.idempotencyKey ?? null,
        job.overlap !== 'allow',
        blockedBy,
      ],
    );
    return rows[0]?.status;
  }

  /**
   * Begins an attempt. Where the job forbids overlap, its runs begin in the order of their times, and not beside a stuck
   * handler on any host. undefined where that is not this message's to do: see {@link find} for why.
   * @throws a unique violation where the job forbids overlap and another run of it runs.
   */
  async claim(claim: Claim, host: string, release: string): Promise<ClaimedRun | undefined> {
    const attempt: RunAttempt = {
      number: claim.attempt,
      host,
      startedAt: new Date().toISOString(),
      finishedAt: null,
      error: null,
    };
    const [rows] = await this.dataSource.query<[Omit<ClaimedRun, keyof Claim>[], number]>(
      `UPDATE nestdock.run r SET status = 'running', delivery = $3, release = $4, progress = NULL,
         started_at = COALESCE(started_at, now()), attempts = attempts || $5::jsonb
       FROM nestdock.job j
       WHERE r.id = $1 AND r.status = 'queued' AND jsonb_array_length(r.attempts) = $2 - 1
         AND j.id = r.job_id AND j.enabled AND NOT (r.exclusive AND EXISTS (
           SELECT FROM nestdock.run earlier WHERE earlier.job_id = r.job_id AND earlier.status = 'queued' AND earlier.exclusive
             AND earlier.attempts = '[]' AND (earlier.scheduled_at, earlier.id) < (r.scheduled_at, r.id)))
         AND NOT (r.exclusive AND EXISTS (SELECT FROM nestdock.run other WHERE other.job_id = r.job_id AND other.${STUCK}))
       RETURNING r.scheduled_at AS "scheduledAt", r.config, COALESCE(r.idempotency_key, r.id::text) AS "idempotencyKey", r.log, ${INTERRUPTIONS}, ${JOB_COLUMNS}`,
      [claim.runId, claim.attempt, claim.delivery, release, JSON.stringify([attempt])],
    );
    return rows[0] && { ...claim, ...rows[0] };
  }

  async find(runId: string): Promise<RunWithJob | undefined> {
    const rows = await this.dataSource.query<RunWithJob[]>(
      `SELECT r.status, jsonb_array_length(r.attempts) AS attempts, ${INTERRUPTIONS}, r.delivery, ${JOB_COLUMNS}
       FROM nestdock.run r JOIN nestdock.job j ON j.id = r.job_id WHERE r.id = $1`,
      [runId],
    );
    return rows[0];
  }

  /** @returns false where the claim is lost. */
  async trace(claim: Claim, { log, progress }: AttemptTrace): Promise<boolean> {
    const [, written] = await this.dataSource.query<[unknown, number]>(
      `UPDATE nestdock.run SET log = $4, progress = $5 WHERE ${HELD}`,
      [claim.runId, claim.attempt, claim.delivery, JSON.stringify(log), json(progress)],
    );
    return written > 0;
  }

  /** Ends the attempt, and the run unless its status is `queued` again. @returns false where the claim is lost. */
  async settle(claim: Claim, end: Settlement, manager: EntityManager = this.dataSource.manager): Promise<boolean> {
    const now = new Date().toISOString();
    const [, written] = await manager.query<[unknown, number]>(
      `UPDATE nestdock.run SET status = $4, result = $5, log = COALESCE($6, log), progress = COALESCE($7, progress), finished_at = $8,
         stuck_at = CASE WHEN $10 THEN now() ELSE stuck_at END,
         attempts = jsonb_set(attempts, '{-1}', attempts -> -1 || $9::jsonb)
       WHERE ${HELD}`,
      [
        claim.runId,
        claim.attempt,
        claim.delivery,
        end.status,
        json(end.result),
        json(end.trace?.log),
        json(end.trace?.progress),
        end.status === 'queued' ? null : now,
        JSON.stringify({ finishedAt: now, error: end.error, ...(end.interrupted && { interrupted: true }) }),
        end.stuck ?? false,
      ],
    );
    return written > 0;
  }

  /** Says of the runs that a handler of theirs goes on, to be said again before long, or that it does no more. */
  async markStuck(runIds: readonly string[], stuck: boolean): Promise<void> {
    if (runIds.length === 0) return;
    await this.dataSource.query(
      `UPDATE nestdock.run SET stuck_at = CASE WHEN $2 THEN now() END WHERE id = ANY($1) AND ($2 OR stuck_at IS NOT NULL)`,
      [runIds, stuck],
    );
  }

  /** Takes back the marks of hosts that are gone. */
  async clearStaleMarks(): Promise<void> {
    await this.dataSource.query(
      `UPDATE nestdock.run SET stuck_at = NULL WHERE stuck_at IS NOT NULL AND NOT (${STUCK})`,
    );
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

  /** Those of the claims that hold. */
  async held(claims: readonly Claim[]): Promise<ReadonlySet<string>> {
    const rows = await this.dataSource.query<{ id: string }[]>(
      `SELECT r.id FROM nestdock.run r
       JOIN unnest($1::uuid[], $2::int[], $3::int[]) AS c (id, attempt, delivery) ON c.id = r.id
       WHERE r.status = 'running' AND jsonb_array_length(r.attempts) = c.attempt AND r.delivery = c.delivery`,
      [claims.map(({ runId }) => runId), claims.map(({ attempt }) => attempt), claims.map(({ delivery }) => delivery)],
    );
    return new Set(rows.map(({ id }) => id));
  }
}

/** `pg` would write null as SQL's null anyway, and a list as an array of PostgreSQL's. */
const json = (value: unknown): string | null => (value === null || value === undefined ? null : JSON.stringify(value));
