import { type Reading } from './reading.js';

/** What the readings of one meter come to. */
export interface Summary {
  readonly count: number;
  readonly from: Date;
  readonly to: Date;
  readonly powerW: { readonly min: number; readonly max: number; readonly mean: number };
  /** What the register has counted up between the first and the last reading. */
  readonly consumedKwh: number;
}

/**
 * @param readings of one meter, oldest first
 * @returns null where there are none
 */
export function summarize(readings: readonly Reading[]): Summary | null {
  const first = readings[0];
  const last = readings.at(-1);
  if (!first || !last) return null;
  let [min, max, sum] = [Infinity, -Infinity, 0];
  for (const { powerW } of readings) {
    min = Math.min(min, powerW);
    max = Math.max(max, powerW);
    sum += powerW;
  }
  return {
    count: readings.length,
    from: first.timestamp,
    to: last.timestamp,
    powerW: { min, max, mean: round(sum / readings.length, 1) },
    consumedKwh: round(last.energyKwh - first.energyKwh, 6),
  };
}

/** Without the digits that binary fractions add. */
function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
