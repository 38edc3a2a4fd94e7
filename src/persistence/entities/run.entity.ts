import {
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
} from 'typeorm';
import { type Problem } from '../../common/errors/problem.js';
import { Job } from './job.entity.js';

export const RUN_TRIGGERS = ['schedule', 'manual', 'retry', 'catch-up'] as const;
export type RunTrigger = (typeof RUN_TRIGGERS)[number];

export const RUN_STATUSES = ['queued', 'running', 'succeeded', 'timed-out', 'cancelled', 'skipped', 'dead'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** One call of the handler. Times are ISO 8601. */
export interface RunAttempt {
  /** Counted from 1. */
  readonly number: number;
  /** Id of the host it ran on. */
  readonly host: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly error: RunAttemptError | null;
  /** It was cut short by a reload or by the host's stop, and does not count as one of those that the job may have. */
  readonly interrupted?: boolean;
}

export type RunAttemptError = Problem | { readonly message: string; readonly stack?: string; readonly code?: string };

export interface RunProgress {
  /** 0 to 100. */
  readonly percent: number;
  readonly message: string | null;
}

export interface RunLogLine {
  /** ISO 8601. */
  readonly time: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** One tick or request of a job, with all its attempts. */
@Entity('run')
@Index('run_one_per_tick', ['jobId', 'scheduledAt'], { unique: true, where: `trigger IN ('schedule', 'catch-up')` })
@Index('run_exclusive', ['jobId'], { unique: true, where: `exclusive AND status = 'running'` })
@Index('run_history', ['jobId', 'scheduledAt', 'id'])
@Index('run_timeline', ['scheduledAt', 'id'])
@Index('run_held', ['jobId'], { where: 'held' })
@Index('run_stuck', ['jobId'], { where: 'stuck_at IS NOT NULL' })
@Index('run_unfinished', ['jobId', 'status'], { where: `status IN ('queued', 'running')` })
@Index('run_retry_of', ['retryOf'], { where: 'retry_of IS NOT NULL' })
export class Run {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'run_pkey' })
  id!: string;

  @Column({ type: 'uuid' })
  jobId!: string;

  @ManyToOne(() => Job, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'job_id', foreignKeyConstraintName: 'run_job_fkey' })
  job?: Relation<Job>;

  /** The module's name. */
  @Column({ type: 'text' })
  module!: string;

  /** Digest of the release whose handler ran; null until it has started. */
  @Column({ type: 'text', nullable: true })
  release!: string | null;

  @Column({ type: 'text' })
  trigger!: RunTrigger;

  @Column({ type: 'text', default: 'queued' })
  status!: RunStatus;

  /** The tick or request that this run answers. */
  @Column({ type: 'timestamptz', precision: 3 })
  scheduledAt!: Date;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  startedAt!: Date | null;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  finishedAt!: Date | null;

  @Column({ type: 'jsonb', default: [] })
  attempts!: RunAttempt[];

  /** Nothing in the queue asks for it: its module is disabled, and it waits until that is enabled again. */
  @Column({ type: 'boolean', default: false })
  held!: boolean;

  /** When a handler of the run, told to stop and still going, was last seen; null where there is none. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  stuckAt!: Date | null;

  /** Never runs beside another run of the job, on any host: its `overlap` forbids it. */
  @Column({ type: 'boolean', default: false })
  exclusive!: boolean;

  /** How often the queue had handed out the attempt that runs; a later delivery takes the run over from a lost host. */
  @Column({ type: 'int', default: 0 })
  delivery!: number;

  /** Values by field, for this run alone; null where nobody gave any. */
  @Column({ type: 'jsonb', nullable: true })
  config!: Record<string, unknown> | null;

  /** What the handler returned. */
  @Column({ type: 'jsonb', nullable: true })
  result!: unknown;

  @Column({ type: 'jsonb', nullable: true })
  progress!: RunProgress | null;

  @Column({ type: 'jsonb', default: [] })
  log!: RunLogLine[];

  /** The run that an operator asked to repeat. */
  @Column({ type: 'uuid', nullable: true })
  retryOf!: string | null;

  /** Shared by a run and those that repeat it; null where it is the run's own id. */
  @Column({ type: 'text', nullable: true })
  idempotencyKey!: string | null;

  @CreateDateColumn({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @ManyToOne(() => Run, { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'retry_of', foreignKeyConstraintName: 'run_retry_of_fkey' })
  retriedRun?: Relation<Run>;
}
