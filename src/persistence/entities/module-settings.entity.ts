import { Column, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** What operators have set of a module's settings. It stays when the module is forgotten, and goes when it is purged. */
@Entity('module_settings')
export class ModuleSettingsRow {
  /** The module's name. */
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'module_settings_pkey' })
  module!: string;

  /** By field; secrets are sealed. Fields that the module's version has no longer may be among them. */
  @Column({ type: 'jsonb', default: {} })
  values!: Record<string, unknown>;

  /** Counts the changes; 0 where there was none yet. */
  @Column({ type: 'int', default: 0 })
  revision!: number;

  @UpdateDateColumn({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  updatedAt!: Date;
}
