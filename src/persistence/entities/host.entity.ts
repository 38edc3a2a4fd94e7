import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { type Problem } from '../../common/errors/problem.js';
import { type ModuleState } from '../../kernel/index.js';

/** One host of the cluster, as long as it gives signs of life. All times are by the database's clock. */
@Entity('host')
export class HostRow {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'host_pkey' })
  id!: string;

  /** Of Nestdock. */
  @Column({ type: 'text' })
  version!: string;

  /** Where it listens, such as `http://10.0.0.4:4000`. */
  @Column({ type: 'text' })
  address!: string;

  /** Milliseconds after its last sign of life from which nobody waits for it. */
  @Column({ type: 'int' })
  ttlMs!: number;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  startedAt!: Date;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  seenAt!: Date;
}

/** How far one host has come with one module. */
@Entity('host_module')
export class HostModule {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'host_module_pkey' })
  host!: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'host_module_pkey' })
  module!: string;

  @ManyToOne(() => HostRow, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'host', foreignKeyConstraintName: 'host_module_host_fkey' })
  hostRow?: HostRow;

  @Column({ type: 'text' })
  state!: ModuleState;

  /** Of the module's row: what it has made true here. */
  @Column({ type: 'int' })
  revision!: number;

  @Column({ type: 'int', nullable: true })
  generation!: number | null;

  /** Digest of what serves, as hex. */
  @Column({ type: 'text', nullable: true })
  release!: string | null;

  /** Revision of the settings that it has there. */
  @Column({ type: 'integer', default: 0 })
  settings!: number;

  /** What went wrong with it there last; null once it serves. */
  @Column({ type: 'jsonb', nullable: true })
  error!: Problem | null;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  updatedAt!: Date;
}
