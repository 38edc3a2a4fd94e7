import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A meter that has given a reading at least once. */
@Entity('meter')
export class Meter {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ name: 'first_seen_at', type: 'timestamptz', precision: 3 })
  firstSeenAt!: Date;

  /** Of its latest reading. */
  @Column({ name: 'last_seen_at', type: 'timestamptz', precision: 3 })
  lastSeenAt!: Date;
}
