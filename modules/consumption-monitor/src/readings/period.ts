import { Between, type FindOperator, LessThanOrEqual, MoreThanOrEqual } from 'typeorm';

/** A stretch of time; a missing end is open. */
export interface Period {
  readonly from?: Date;
  /** Inclusive. */
  readonly to?: Date;
}

/** undefined where both ends are open. */
export function within<T extends Date | string>(from?: T, to?: T): FindOperator<T> | undefined {
  if (from !== undefined && to !== undefined) return Between(from, to);
  if (from !== undefined) return MoreThanOrEqual(from);
  return to === undefined ? undefined : LessThanOrEqual(to);
}
