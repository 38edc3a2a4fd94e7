/** What the readings of one meter come to. */
export interface Summary {
  readonly count: number;
  readonly from: Date;
  readonly to: Date;
  readonly powerW: { readonly min: number; readonly max: number; readonly mean: number };
  /** What the register has counted up between the first and the last reading. */
  readonly consumedKwh: number;
}
