import { describe, expect, it } from '@jest/globals';
import { energyAt, powerAt } from './load-curve.js';
import { findMeter, METERS, read } from './meters.js';

const DAY_MS = 86_400_000;
const day = Array.from({ length: 24 * 60 }, (_, minute) => new Date(Date.UTC(2026, 2, 14, 0, minute)));

describe.each(METERS.map((meter) => [meter.id, meter] as const))('meter %s', (_id, meter) => {
  it('always draws power', () => {
    for (const at of day) expect(read(meter, at).powerW).toBeGreaterThan(0);
  });

  it('never turns its register back', () => {
    const register = day.map((at) => read(meter, at).energyKwh);
    expect(register).toEqual([...register].sort((a, b) => a - b));
    expect(new Set(register).size).toBe(register.length);
  });

  it('counts in its register what it draws', () => {
    const stepMs = 1_000;
    const [start] = day as [Date];
    let summedWs = 0;
    for (let ms = stepMs / 2; ms < DAY_MS; ms += stepMs) {
      summedWs += powerAt(meter.curve, new Date(start.getTime() + ms)) * (stepMs / 1000);
    }
    const end = new Date(start.getTime() + DAY_MS);
    expect(energyAt(meter.curve, end) - energyAt(meter.curve, start)).toBeCloseTo(summedWs / 3_600_000, 4);
  });

  it('reads the same at the same moment', () => {
    const at = new Date('2026-03-14T15:09:26Z');
    expect(read(meter, at)).toEqual(read(meter, at));
  });
});

it('draws more in the evening than at night in a household', () => {
  const meanOfHour = (hour: number) =>
    day.filter((at) => at.getUTCHours() === hour).reduce((sum, at) => sum + read(METERS[0], at).powerW, 0) / 60;
  expect(meanOfHour(19)).toBeGreaterThan(1.5 * meanOfHour(2));
});

it('finds a meter by its id', () => {
  expect(findMeter('workshop')?.name).toBe('Workshop');
  expect(findMeter('nowhere')).toBeUndefined();
});
