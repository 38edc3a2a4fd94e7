import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { type Period, within } from '../readings/period.js';
import { DailySummary } from './daily-summary.entity.js';
import { type Summary } from './summary.js';

interface SummaryRow {
  readonly count: number;
  readonly from: Date;
  readonly to: Date;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly consumedKwh: number;
}

const DAY_MS = 86_400_000;

/** What readings come to: asked of a period, or kept for each day. */
@Injectable()
export class SummariesService {
  constructor(@InjectRepository(DailySummary) private readonly summaries: Repository<DailySummary>) {}

  /** @returns null where the meter has no readings in the period */
  async summarize(meterId: string, { from, to }: Period = {}): Promise<Summary | null> {
    const rows = await this.summaries.query<SummaryRow[]>(
      `SELECT count(*)::int AS count, min(taken_at) AS from, max(taken_at) AS to, min(power_w) AS min, max(power_w) AS max,
         avg(power_w) AS mean, max(energy_kwh) - min(energy_kwh) AS "consumedKwh"
       FROM reading
       WHERE meter_id = $1 AND taken_at >= COALESCE($2, '-infinity'::timestamptz) AND taken_at <= COALESCE($3, 'infinity'::timestamptz)
       HAVING count(*) > 0`,
      [meterId, from ?? null, to ?? null],
    );
    const row = rows[0];
    if (!row) return null;
    const { min, max, mean, consumedKwh, ...rest } = row;
    return { ...rest, powerW: { min, max, mean: round(mean, 1) }, consumedKwh: round(consumedKwh, 6) };
  }

  /**
   * Sums the days up anew that have readings since then. Asked again, it says the same; a day some of whose readings are
   * forgotten by now keeps what was said of it.
   * @returns how many summaries were written
   */
  async sumUpDays(since: Date): Promise<number> {
    const written = await this.summaries.query<unknown[]>(
      `INSERT INTO daily_summary (meter_id, day, readings, min_power_w, max_power_w, mean_power_w, consumed_kwh)
       SELECT meter_id, (taken_at AT TIME ZONE 'UTC')::date, count(*), min(power_w), max(power_w), avg(power_w),
         max(energy_kwh) - min(energy_kwh)
       FROM reading WHERE taken_at >= $1 GROUP BY 1, 2
       ON CONFLICT (meter_id, day) DO UPDATE SET readings = EXCLUDED.readings, min_power_w = EXCLUDED.min_power_w,
         max_power_w = EXCLUDED.max_power_w, mean_power_w = EXCLUDED.mean_power_w, consumed_kwh = EXCLUDED.consumed_kwh
         WHERE daily_summary.readings <= EXCLUDED.readings
       RETURNING day`,
      [startOfDay(since)],
    );
    return written.length;
  }

  /** The latest first; the days that the period's ends fall on included. */
  days(meterId: string, { from, to }: Period = {}): Promise<DailySummary[]> {
    const day = within(from && dayOf(from), to && dayOf(to));
    return this.summaries.find({ where: { meterId, ...(day && { day }) }, order: { day: 'DESC' } });
  }
}

const startOfDay = (at: Date): Date => new Date(Math.floor(at.getTime() / DAY_MS) * DAY_MS);

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/** Without the digits that binary fractions add. */
function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
