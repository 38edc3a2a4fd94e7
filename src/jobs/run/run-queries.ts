import { type DataSource, type SelectQueryBuilder } from 'typeorm';
import { Job, Run, type RunStatus, type RunTrigger } from '../../persistence/index.js';
import { type PagePosition } from '../page-cursor.js';
import { STUCK } from './run-sql.js';

/** Which runs to find: those that fit all of what is given. */
export interface RunFilter {
  readonly jobId?: string;
  /** The job's key in its module's manifest. */
  readonly jobKey?: string;
  readonly module?: string;
  readonly statuses?: readonly RunStatus[];
  readonly triggers?: readonly RunTrigger[];
  /** Scheduled at this moment or later. */
  readonly from?: Date;
  /** Scheduled before this moment. */
  readonly to?: Date;
}

/** What a job shows of its latest run. */
export type LatestRun = Pick<Run, 'id' | 'jobId' | 'status' | 'trigger' | 'scheduledAt' | 'startedAt' | 'finishedAt'>;

/** What is asked about runs, and changes none. */
export class RunQueries {
  constructor(private readonly dataSource: DataSource) {}

  get(id: string): Promise<Run | null> {
    return this.dataSource.manager.findOneBy(Run, { id });
  }

  /** The latest run of each of the jobs. */
  async latest(jobIds: readonly string[]): Promise<ReadonlyMap<string, LatestRun>> {
    const runs = await this.dataSource.query<LatestRun[]>(
      `SELECT r.* FROM unnest($1::uuid[]) AS job (id) CROSS JOIN LATERAL (
         SELECT id, job_id AS "jobId", status, trigger, scheduled_at AS "scheduledAt", started_at AS "startedAt",
           finished_at AS "finishedAt"
         FROM nestdock.run WHERE job_id = job.id ORDER BY scheduled_at DESC, created_at DESC, id DESC LIMIT 1) AS r`,
      [jobIds],
    );
    return new Map(runs.map((run) => [run.jobId, run]));
  }

  /** Those of the jobs of which a handler goes on that was told to stop. */
  async stuck(jobIds: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.dataSource.query<{ jobId: string }[]>(
      `SELECT DISTINCT job_id AS "jobId" FROM nestdock.run WHERE job_id = ANY($1) AND ${STUCK}`,
      [jobIds],
    );
    return new Set(rows.map(({ jobId }) => jobId));
  }

  /** The latest first, from after the one that `before` names; with how many there are in all. */
  page(filter: RunFilter, limit: number, before?: PagePosition): Promise<[Run[], number]> {
    const all = filtered(this.dataSource.manager.createQueryBuilder(Run, 'run'), filter);
    const page = all.clone().orderBy({ 'run.scheduledAt': 'DESC', 'run.id': 'DESC' }).limit(limit);
    if (before) page.andWhere('(run.scheduledAt, run.id) < (:scheduledAt, :id)', before);
    return Promise.all([page.getMany(), all.getCount()]);
  }
}

function filtered(query: SelectQueryBuilder<Run>, filter: RunFilter): SelectQueryBuilder<Run> {
  const { jobId, jobKey, module, statuses, triggers, from, to } = filter;
  if (jobId !== undefined) query.andWhere('run.jobId = :jobId', { jobId });
  if (module !== undefined) query.andWhere('run.module = :module', { module });
  if (statuses) query.andWhere('run.status = ANY(:statuses)', { statuses });
  if (triggers) query.andWhere('run.trigger = ANY(:triggers)', { triggers });
  if (from) query.andWhere('run.scheduledAt >= :from', { from });
  if (to) query.andWhere('run.scheduledAt < :to', { to });
  if (jobKey !== undefined) {
    const jobs = query.subQuery().select('job.id').from(Job, 'job').where('job.key = :jobKey').getQuery();
    query.andWhere(`run.jobId IN ${jobs}`, { jobKey });
  }
  return query;
}
