import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What the readings of one meter and one day, in UTC, come to. It stays when the readings are forgotten. */
@Entity('daily_summary')
export class DailySummary {
  @PrimaryColumn({ name: 'meter_id', type: 'text' })
  meterId!: string;

  /** ISO 8601, such as `2026-01-31`. */
  @PrimaryColumn({ type: 'date' })
  day!: string;

  @Column({ type: 'integer' })
  readings!: number;

  @Column({ name: 'min_power_w', type: 'double precision' })
  minPowerW!: number;

  @Column({ name: 'max_power_w', type: 'double precision' })
  maxPowerW!: number;

  @Column({ name: 'mean_power_w', type: 'double precision' })
  meanPowerW!: number;

  @Column({ name: 'consumed_kwh', type: 'double precision' })
  consumedKwh!: number;
}
