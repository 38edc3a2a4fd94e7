/** One swing of a load around its mean. */
export interface Swing {
  readonly periodMs: number;
  /** Share of the mean, from 0 to 1. The shares of a curve add up to less than 1, so power never falls to 0. */
  readonly share: number;
  /** Milliseconds after midnight UTC, on 1 January 1970, of one of its peaks. */
  readonly peakMs: number;
}

/** The load of one meter over time. */
export interface LoadCurve {
  readonly meanW: number;
  /** When the energy register stood at 0. */
  readonly installedAt: Date;
  readonly swings: readonly Swing[];
}

const MS_PER_HOUR = 3_600_000;
const angle = ({ periodMs, peakMs }: Swing, at: number): number => (2 * Math.PI * (at - peakMs)) / periodMs;

/** Power at a moment, in watts. */
export function powerAt({ meanW, swings }: LoadCurve, at: Date): number {
  return meanW * (1 + swings.reduce((sum, swing) => sum + swing.share * Math.cos(angle(swing, at.getTime())), 0));
}

/**
 * Energy since the installation, in kilowatt hours: the integral of {@link powerAt} in closed form. So the register
 * needs no state, never runs backwards, and is right after a restart.
 */
export function energyAt({ meanW, installedAt, swings }: LoadCurve, at: Date): number {
  const [start, end] = [installedAt.getTime(), at.getTime()];
  const swung = swings.reduce((sum, swing) => {
    const reach = (swing.share * swing.periodMs) / (2 * Math.PI);
    return sum + reach * (Math.sin(angle(swing, end)) - Math.sin(angle(swing, start)));
  }, 0);
  return (meanW * (end - start + swung)) / MS_PER_HOUR / 1000;
}
