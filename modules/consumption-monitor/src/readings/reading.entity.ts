import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What one meter showed at one moment. */
@Entity('reading')
export class Reading {
  @PrimaryColumn({ name: 'meter_id', type: 'text' })
  meterId!: string;

  @PrimaryColumn({ name: 'taken_at', type: 'timestamptz', precision: 3 })
  timestamp!: Date;

  @Column({ name: 'power_w', type: 'double precision' })
  powerW!: number;

  /** What the meter's register shows; counts up. */
  @Column({ name: 'energy_kwh', type: 'double precision' })
  energyKwh!: number;
}
