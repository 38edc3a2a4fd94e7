import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The very bytes of a release that was enabled: a host runs it without the module's folder. */
@Entity('module_release')
@Index('module_release_used', ['module', 'usedAt'])
export class ModuleReleaseRow {
  /** The release's digest, as hex. */
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'module_release_pkey' })
  digest!: string;

  @Column({ type: 'text' })
  module!: string;

  /** SHA-256 of the compiled code, as hex. */
  @Column({ type: 'text' })
  bundle!: string;

  /** Compressed; see `bundling/release-store.ts`. */
  @Column({ type: 'bytea' })
  content!: Buffer;

  /** When it was last enabled. */
  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  usedAt!: Date;
}
