import { describe, expect, it } from '@jest/globals';
import { type Reading } from './reading.js';
import { ReadingsService } from './readings.service.js';
import { summarize } from './summary.js';

const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour));
const reading = (meterId: string, hour: number): Reading => ({
  meterId,
  timestamp: at(hour),
  powerW: 100 * hour,
  energyKwh: hour / 10,
});

/** Added out of order, as slow meters answer. */
function setUp(): ReadingsService {
  const readings = new ReadingsService();
  for (const [meterId, hour] of [
    ['cellar', 2],
    ['attic', 3],
    ['cellar', 1],
    ['cellar', 4],
  ] as const) {
    readings.add(reading(meterId, hour));
  }
  return readings;
}

const hours = (readings: readonly Reading[]) =>
  readings.map(({ meterId, timestamp }) => `${meterId} ${timestamp.getUTCHours()}`);

describe('ReadingsService', () => {
  it('finds the newest first, over all meters', () => {
    expect(hours(setUp().find())).toEqual(['cellar 4', 'attic 3', 'cellar 2', 'cellar 1']);
  });

  it('keeps the readings of one meter oldest first', () => {
    expect(hours(setUp().ofMeter('cellar'))).toEqual(['cellar 1', 'cellar 2', 'cellar 4']);
  });

  it('finds by meter and by period, both ends included', () => {
    const readings = setUp();
    expect(hours(readings.find({ meterId: 'attic' }))).toEqual(['attic 3']);
    expect(hours(readings.find({ from: at(2), to: at(3) }))).toEqual(['attic 3', 'cellar 2']);
    expect(readings.find({ meterId: 'nowhere' })).toEqual([]);
  });

  it('takes a reading once', () => {
    const readings = setUp();
    expect(readings.add(reading('cellar', 2))).toBe(false);
    expect(readings.add(reading('attic', 2))).toBe(true);
    expect(hours(readings.ofMeter('cellar'))).toEqual(['cellar 1', 'cellar 2', 'cellar 4']);
  });

  it('forgets what is too old, and meters without readings', () => {
    const readings = setUp();
    expect(readings.removeOlderThan(at(4))).toBe(3);
    expect(hours(readings.find())).toEqual(['cellar 4']);
    expect([readings.knows('cellar'), readings.knows('attic')]).toEqual([true, false]);
  });
});

describe('summarize', () => {
  it('gives the range, the powers and the energy in between', () => {
    expect(summarize(setUp().ofMeter('cellar'))).toEqual({
      count: 3,
      from: at(1),
      to: at(4),
      powerW: { min: 100, max: 400, mean: 233.3 },
      consumedKwh: 0.3,
    });
  });

  it('is null without readings', () => {
    expect(summarize([])).toBeNull();
  });
});
