import { type DataSource, type EntityManager } from 'typeorm';
import { Batches } from '../../common/batches.js';
import {
  type RunAttempt,
  type RunAttemptError,
  type RunLogLine,
  type RunProgress,
  type RunStatus,
} from '../../persistence/index.js';
import { INTERRUPTIONS, JOB_COLUMNS, type RunJob, STUCK } from './run-sql.js';

/** The one who may write to a run: whoever has a later attempt, or a later delivery of it, shuts the earlier ones out. */
export interface Claim {
  readonly runId: string;
  /** Counted from 1. */
  readonly attempt: number;
  readonly delivery: number;
}

export interface ClaimRequest {
  readonly claim: Claim;
  /** Id of the host that is to run the attempt. */
  readonly host: string;
  /** Digest of the release that it runs on. */
  readonly release: string;
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

interface ClaimEnd {
  readonly claim: Claim;
  readonly end: Settlement;
}

type ClaimedRow = Omit<ClaimedRun, keyof Claim> & { readonly id: string };

/** Holds for as long as nobody has taken the run over, cancelled or settled it. */
const HELD = `id = $1 AND status = 'running' AND jsonb_array_length(attempts) = $2 AND delivery = $3`;

/** Rows that one statement writes, at most. */
const MOST_AT_ONCE = 100;

/**
 * What attempts write to their runs. Each write is fenced: it changes nothing once the claim is lost. Attempts that begin
 * or end at about the same time do so in one statement.
 */
export class AttemptRecords {
  readonly #claims = new Batches<ClaimRequest, ClaimedRun | undefined>({
    most: MOST_AT_ONCE,
    work: (requests) => this.#claim(requests),
  });
  readonly #settlements = new Batches<ClaimEnd, boolean>({ most: MOST_AT_ONCE, work: (ends) => this.#settle(ends) });

  constructor(private readonly dataSource: DataSource) {}

  /**
   * Begins an attempt. Where the job forbids overlap, its runs begin in the order of their times, and not beside a stuck
   * handler on any host. undefined where that is not this message's to do: see {@link find} for why.
   * @throws a unique violation where the job forbids overlap and another run of it runs.
   */
  claim(request: ClaimRequest): Promise<ClaimedRun | undefined> {
    return this.#claims.add(request);
  }

  async #claim(requests: readonly ClaimRequest[]): Promise<(ClaimedRun | undefined)[]> {
    const startedAt = new Date().toISOString();
    const [rows] = await this.dataSource.query<[ClaimedRow[], number]>(
      `UPDATE nestdock.run r SET status = 'running', delivery = c.delivery, release = c.release, progress = NULL,
         started_at = COALESCE(started_at, now()), attempts = attempts || c.begun
       FROM nestdock.job j,
         json_to_recordset($1) AS c (id uuid, attempt int, delivery int, release text, begun jsonb)
       WHERE r.id = c.id AND r.status = 'queued' AND jsonb_array_length(r.attempts) = c.attempt - 1
         AND j.id = r.job_id AND j.enabled AND NOT (r.exclusive AND EXISTS (
           SELECT FROM nestdock.run earlier WHERE earlier.job_id = r.job_id AND earlier.status = 'queued' AND earlier.exclusive
             AND earlier.attempts = '[]' AND (earlier.scheduled_at, earlier.id) < (r.scheduled_at, r.id)))
         AND NOT (r.exclusive AND EXISTS (SELECT FROM nestdock.run other WHERE other.job_id = r.job_id AND other.${STUCK}))
       RETURNING r.id, r.scheduled_at AS "scheduledAt", r.config, COALESCE(r.idempotency_key, r.id::text) AS "idempotencyKey", r.log, ${INTERRUPTIONS}, ${JOB_COLUMNS}`,
      [
        JSON.stringify(
          requests.map(({ claim, host, release }) => ({
            id: claim.runId,
            attempt: claim.attempt,
            delivery: claim.delivery,
            release,
            begun: [{ number: claim.attempt, host, startedAt, finishedAt: null, error: null } satisfies RunAttempt],
          })),
        ),
      ],
    );
    const claimed = new Map(rows.map(({ id, ...run }) => [id, run]));
    return requests.map(({ claim }) => {
      const run = claimed.get(claim.runId);
      return run && { ...claim, ...run };
    });
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

  /**
   * Ends the attempt, and the run unless its status is `queued` again.
   * @param transaction where something else must be done with it or not at all.
   * @returns false where the claim is lost.
   */
  async settle(claim: Claim, end: Settlement, transaction?: EntityManager): Promise<boolean> {
    if (!transaction) return this.#settlements.add({ claim, end });
    const [settled] = await this.#settle([{ claim, end }], transaction);
    return settled as boolean;
  }

  async #settle(ends: readonly ClaimEnd[], manager = this.dataSource.manager): Promise<boolean[]> {
    const now = new Date().toISOString();
    const [rows] = await manager.query<[{ id: string }[], number]>(
      `UPDATE nestdock.run r SET status = e.status, result = e.result, log = COALESCE(e.log, r.log),
         progress = COALESCE(e.progress, r.progress), finished_at = e.finished_at,
         stuck_at = CASE WHEN e.stuck THEN now() ELSE r.stuck_at END,
         attempts = jsonb_set(r.attempts, '{-1}', r.attempts -> -1 || e.ended)
       FROM json_to_recordset($1) AS e (id uuid, attempt int, delivery int, status text, result jsonb, log jsonb,
         progress jsonb, finished_at timestamptz, ended jsonb, stuck boolean)
       WHERE r.id = e.id AND r.status = 'running' AND jsonb_array_length(r.attempts) = e.attempt AND r.delivery = e.delivery
       RETURNING r.id`,
      [
        JSON.stringify(
          ends.map(({ claim, end }) => ({
            id: claim.runId,
            attempt: claim.attempt,
            delivery: claim.delivery,
            status: end.status,
            result: end.result,
            log: end.trace?.log,
            progress: end.trace?.progress,
            finished_at: end.status === 'queued' ? null : now,
            ended: { finishedAt: now, error: end.error, ...(end.interrupted && { interrupted: true }) },
            stuck: end.stuck ?? false,
          })),
        ),
      ],
    );
    const settled = new Set(rows.map(({ id }) => id));
    return ends.map(({ claim }) => settled.has(claim.runId));
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
