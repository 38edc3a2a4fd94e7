import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** Which key the database's secrets are sealed with. One row at most. */
@Entity('secret_key')
@Check('secret_key_one', 'single')
export class SecretKeyRow {
  @PrimaryColumn({ type: 'boolean', default: true, primaryKeyConstraintName: 'secret_key_pkey' })
  single!: true;

  /** Tells keys apart, and gives nothing of the key away. */
  @Column({ type: 'text' })
  fingerprint!: string;

  /** When the key was first used. */
  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  since!: Date;
}
