import { energyAt, type LoadCurve, powerAt, type Swing } from './load-curve.js';

export interface Meter {
  readonly id: string;
  readonly name: string;
  readonly curve: LoadCurve;
}

export interface Reading {
  readonly meterId: string;
  /** ISO 8601. */
  readonly timestamp: string;
  readonly powerW: number;
  /** What the register shows; never falls. */
  readonly energyKwh: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const INSTALLED = new Date('2025-01-01T00:00:00Z');

const daily = (share: number, peakHour: number): Swing => ({ periodMs: 24 * HOUR, share, peakMs: peakHour * HOUR });
const twiceDaily = (share: number, peakHour: number): Swing => ({ ...daily(share, peakHour), periodMs: 12 * HOUR });
/** Something that switches itself on and off, such as a refrigerator. */
const cycling = (share: number, minutes: number): Swing => ({ periodMs: minutes * MINUTE, share, peakMs: 0 });

/** The first one is the one that `/reading` answers for. */
export const METERS: readonly [Meter, ...Meter[]] = [
  {
    id: 'household',
    name: 'Household',
    curve: {
      meanW: 420,
      installedAt: INSTALLED,
      swings: [daily(0.35, 19), twiceDaily(0.3, 7), cycling(0.15, 47), cycling(0.1, 11)],
    },
  },
  {
    id: 'heat-pump',
    name: 'Heat pump',
    curve: { meanW: 950, installedAt: INSTALLED, swings: [daily(0.3, 5), cycling(0.45, 35), cycling(0.1, 13)] },
  },
  {
    id: 'workshop',
    name: 'Workshop',
    curve: { meanW: 1_800, installedAt: INSTALLED, swings: [daily(0.8, 13), cycling(0.12, 17)] },
  },
];

export function findMeter(id: string): Meter | undefined {
  return METERS.find((meter) => meter.id === id);
}

export function read({ id, curve }: Meter, at: Date): Reading {
  return {
    meterId: id,
    timestamp: at.toISOString(),
    powerW: Number(powerAt(curve, at).toFixed(1)),
    energyKwh: Number(energyAt(curve, at).toFixed(6)),
  };
}
