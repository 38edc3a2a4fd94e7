import { Column, CreateDateColumn, Entity, Index, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import { type Problem } from '../../common/errors/problem.js';
import { type Isolation, MODULE_STATUSES, type ModuleStatus, type PermissionDecision } from '../../kernel/index.js';
import { type Manifest } from '../../manifest/index.js';

/** Why a module was taken out, and since when. */
export interface Quarantine {
  /** ISO 8601. */
  readonly since: string;
  readonly reason: Problem;
}

/** One module, and what the whole cluster should do with it. */
@Entity('module')
@Index('module_status', ['status'])
export class Module {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'module_pkey' })
  name!: string;

  /** null where the manifest says none that is valid. */
  @Column({ type: 'text', nullable: true })
  version!: string | null;

  /** Absolute path of the module's folder. */
  @Column({ type: 'text' })
  path!: string;

  /** null where it is not valid: `error` says why. */
  @Column({ type: 'jsonb', nullable: true })
  manifest!: Manifest | null;

  @Column({ type: 'text', default: MODULE_STATUSES[0] })
  status!: ModuleStatus;

  /** What went wrong last; null once it went well. */
  @Column({ type: 'jsonb', nullable: true })
  error!: Problem | null;

  /** Digest of the release that was enabled last, as hex. */
  @Column({ type: 'text', nullable: true })
  release!: string | null;

  /** SHA-256 of that release's compiled code, as hex. */
  @Column({ type: 'text', nullable: true })
  bundle!: string | null;

  /** Where an operator wants its code to run; null: where its manifest says. */
  @Column({ type: 'text', nullable: true })
  isolation!: Isolation | null;

  /** null until it is enabled for the first time. */
  @Column({ type: 'jsonb', nullable: true })
  permissions!: PermissionDecision | null;

  /** null where it is not quarantined. */
  @Column({ type: 'jsonb', nullable: true })
  quarantine!: Quarantine | null;

  /** Rises with each change of what should be: a host that has reached another number has not caught up. */
  @Column({ type: 'int', default: 1 })
  revision!: number;

  /** The enabling or reload by which it serves: a host whose generation is of another one swaps it. null: never enabled. */
  @Column({ type: 'uuid', nullable: true })
  rollout!: string | null;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  enabledAt!: Date | null;

  @CreateDateColumn({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  updatedAt!: Date;
}
