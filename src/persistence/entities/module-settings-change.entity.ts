import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** What became of one field. null: nothing was, or is, set; the manifest's default counts. Secrets are masked. */
export interface SettingChange {
  readonly field: string;
  readonly old: unknown;
  readonly new: unknown;
}

/** One change of a module's settings. Rows are written once, and never again. */
@Entity('module_settings_change')
export class ModuleSettingsChange {
  /** The module's name. */
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'module_settings_change_pkey' })
  module!: string;

  /** Of the settings as this change has left them. */
  @PrimaryColumn({ type: 'int', primaryKeyConstraintName: 'module_settings_change_pkey' })
  revision!: number;

  @CreateDateColumn({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  changedAt!: Date;

  /** Whose token it was: `admin`. */
  @Column({ type: 'text' })
  changedBy!: string;

  @Column({ type: 'text', nullable: true })
  requestId!: string | null;

  /** Address that the request came from. */
  @Column({ type: 'text', nullable: true })
  address!: string | null;

  @Column({ type: 'jsonb' })
  changes!: SettingChange[];
}
