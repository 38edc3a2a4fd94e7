import { Column, CreateDateColumn, Entity, Index, PrimaryGeneratedColumn, Unique, UpdateDateColumn } from 'typeorm';
import {
  type JobMisfire,
  type JobOverlap,
  type JobWhenDisabled,
  type ManifestBackoff,
  type ManifestFields,
} from '../../manifest/index.js';

/** How long a retry waits. */
export type JobBackoff = Required<ManifestBackoff>;

/**
 * One job of a module. What the manifest says is written anew by each load; what an operator says (the overrides,
 * `paused`) is theirs alone and outlives reloads.
 */
@Entity('job')
@Unique('job_module_key', ['module', 'key'])
@Index('job_next_run', ['nextRunAt'], { where: 'enabled AND NOT paused' })
export class Job {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'job_pkey' })
  id!: string;

  /** The module's name. Its row may be gone: a module that is forgotten and installed anew finds its jobs again. */
  @Column({ type: 'text' })
  module!: string;

  /** The job's key in the manifest. */
  @Column({ type: 'text' })
  key!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text', nullable: true })
  description!: string | null;

  /** Reference to the handler, as the manifest writes it. */
  @Column({ type: 'text' })
  handler!: string;

  /** Cron expression; null for a job that runs only when asked. */
  @Column({ type: 'text', nullable: true })
  schedule!: string | null;

  /** The operator's; null for the manifest's. */
  @Column({ type: 'text', nullable: true })
  scheduleOverride!: string | null;

  @Column({ type: 'text', default: 'UTC' })
  timezone!: string;

  /** The operator's; null for the manifest's. */
  @Column({ type: 'text', nullable: true })
  timezoneOverride!: string | null;

  /** Milliseconds that one attempt may take. */
  @Column({ type: 'int', default: 300_000 })
  timeout!: number;

  /** Attempts after the first. */
  @Column({ type: 'int', default: 3 })
  retries!: number;

  @Column({ type: 'jsonb', default: { type: 'exponential', delay: 1000, jitter: 0.25 } })
  backoff!: JobBackoff;

  @Column({ type: 'text', default: 'skip' })
  overlap!: JobOverlap;

  @Column({ type: 'text', default: 'run-once' })
  misfire!: JobMisfire;

  @Column({ type: 'text', default: 'skip' })
  whenDisabled!: JobWhenDisabled;

  /** The fields of the job's config, as the manifest describes them. */
  @Column({ type: 'jsonb', default: {} })
  config!: ManifestFields;

  /** The operator's values by field; null for the manifest's defaults. */
  @Column({ type: 'jsonb', nullable: true })
  configOverride!: Record<string, unknown> | null;

  /** Whether the module that has the job is enabled. */
  @Column({ type: 'boolean', default: true })
  enabled!: boolean;

  /** By an operator. */
  @Column({ type: 'boolean', default: false })
  paused!: boolean;

  /** The module's manifest names it no longer. */
  @Column({ type: 'boolean', default: false })
  orphaned!: boolean;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  lastRunAt!: Date | null;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  nextRunAt!: Date | null;

  /** Ticks up to here have been answered, or were never due; later ones that nobody answers are missed. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  answeredUntil!: Date | null;

  @CreateDateColumn({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  updatedAt!: Date;
}
