import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/**
 * `done`: it was applied. `applying`, `reverting`: one that runs outside a transaction has begun; where nobody is at
 * work on the module any more, it was interrupted, and nobody knows how far it came.
 */
export const MIGRATION_STATUSES = ['done', 'applying', 'reverting'] as const;
export type MigrationStatus = (typeof MIGRATION_STATUSES)[number];

/** One migration of a module's that was applied. It outlives the module's row: a later install finds its tables again. */
@Entity('module_migration')
export class ModuleMigration {
  /** The module's name. */
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'module_migration_pkey' })
  module!: string;

  /** Such as `001_create_meters`. */
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'module_migration_pkey' })
  name!: string;

  @Column({ type: 'text' })
  kind!: 'sql' | 'code';

  /** SHA-256 of its text, as hex. */
  @Column({ type: 'text' })
  checksum!: string;

  /** Version of the module that it came with. */
  @Column({ type: 'text' })
  version!: string;

  @Column({ type: 'text', default: MIGRATION_STATUSES[0] })
  status!: MigrationStatus;

  /** Whether a class has a `down`; null of SQL, whose down file may come and go. */
  @Column({ type: 'boolean', nullable: true })
  reversible!: boolean | null;

  /** Id of the host that applied it. */
  @Column({ type: 'text' })
  host!: string;

  @CreateDateColumn({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  appliedAt!: Date;

  @Column({ type: 'int', nullable: true })
  durationMs!: number | null;
}
