import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import { type Problem } from '../../common/errors/problem.js';
import { type ModuleTerms, type TrialPlan } from '../../kernel/index.js';
import { HostRow } from './host.entity.js';

/** A release that every host prepares, and none serves yet. Gone once it is decided: the module's row says how. */
@Entity('rollout')
@Unique('rollout_id_key', ['id'])
export class Rollout {
  /** One at a time for each. */
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'rollout_pkey' })
  module!: string;

  @Column({ type: 'uuid' })
  id!: string;

  /** The one that decides. */
  @Column({ type: 'text' })
  host!: string;

  @ManyToOne(() => HostRow, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'host', foreignKeyConstraintName: 'rollout_host_fkey' })
  hostRow?: HostRow;

  /** Digest, as hex. */
  @Column({ type: 'text' })
  release!: string;

  @Column({ type: 'jsonb' })
  terms!: ModuleTerms;

  /** null: it serves all as soon as it is decided. */
  @Column({ type: 'jsonb', nullable: true })
  plan!: TrialPlan | null;

  /** The share that it has as yet, `{ percent, hosts }`; null: none. */
  @Column({ type: 'jsonb', nullable: true })
  trial!: { readonly percent: number; readonly hosts: readonly string[] | null } | null;
}

/** One host's word on a rollout: prepared, or why it cannot be. */
@Entity('rollout_report')
export class RolloutReport {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'rollout_report_pkey' })
  rollout!: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'rollout_report_pkey' })
  host!: string;

  @ManyToOne(() => Rollout, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'rollout', referencedColumnName: 'id', foreignKeyConstraintName: 'rollout_report_rollout_fkey' })
  rolloutRow?: Rollout;

  @Column({ type: 'jsonb', nullable: true })
  error!: Problem | null;

  /** Given to it on trial. */
  @Column({ type: 'integer', default: 0 })
  requests!: number;

  @Column({ type: 'integer', default: 0 })
  errors!: number;

  /** Of the last error. */
  @Column({ type: 'text', nullable: true })
  detail!: string | null;
}
