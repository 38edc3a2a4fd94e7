/** What one meter showed at one moment. */
export interface Reading {
  readonly meterId: string;
  readonly timestamp: Date;
  readonly powerW: number;
  /** What the meter's register shows; counts up. */
  readonly energyKwh: number;
}

/** A stretch of time; a missing end is open. */
export interface Period {
  readonly from?: Date;
  /** Inclusive. */
  readonly to?: Date;
}

export function isWithin({ from, to }: Period, at: Date): boolean {
  return (!from || at >= from) && (!to || at <= to);
}
