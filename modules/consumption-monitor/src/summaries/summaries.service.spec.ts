import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ModuleDatabase } from '../../../../test/support/module-database.js';
import { ReadingsService } from '../readings/readings.service.js';
import { emptyTables, openMonitorDatabase } from '../testing/monitor-database.js';
import { DailySummary } from './daily-summary.entity.js';
import { SummariesService } from './summaries.service.js';

const at = (day: number, hour: number) => new Date(Date.UTC(2026, 0, day, hour));

describe('SummariesService', () => {
  let database: ModuleDatabase;
  let readings: ReadingsService;
  let summaries: SummariesService;

  beforeAll(async () => {
    database = await openMonitorDatabase();
    readings = new ReadingsService(database.dataSource);
    summaries = new SummariesService(database.dataSource.getRepository(DailySummary));
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await emptyTables(database);
    for (const [day, hour] of [
      [1, 1],
      [1, 2],
      [1, 4],
      [2, 23],
    ] as const) {
      const energyKwh = day + hour / 10;
      await readings.add([{ meterId: 'cellar', timestamp: at(day, hour), powerW: 100 * hour, energyKwh }]);
    }
  });

  it('gives the range, the powers and the energy in between', async () => {
    expect(await summaries.summarize('cellar', { to: at(1, 4) })).toEqual({
      count: 3,
      from: at(1, 1),
      to: at(1, 4),
      powerW: { min: 100, max: 400, mean: 233.3 },
      consumedKwh: 0.3,
    });
    expect(await summaries.summarize('cellar', { from: at(1, 4) })).toMatchObject({ count: 2, from: at(1, 4) });
  });

  it('is null without readings', async () => {
    expect(await summaries.summarize('cellar', { from: at(3, 0) })).toBeNull();
    expect(await summaries.summarize('nowhere')).toBeNull();
  });

  it('keeps what each day comes to', async () => {
    expect(await summaries.sumUpDays(at(1, 12))).toBe(2);
    const days = await summaries.days('cellar');
    expect(days.map(({ day, readings: count }) => [day, count])).toEqual([
      ['2026-01-02', 1],
      ['2026-01-01', 3],
    ]);
    expect(days[1]).toMatchObject({ minPowerW: 100, maxPowerW: 400, meanPowerW: expect.closeTo(233.33, 1) });
    expect(await summaries.days('cellar', { from: at(2, 5), to: at(2, 6) })).toHaveLength(1);
  });

  it('sums a day up anew where readings came late, and says nothing less once some are forgotten', async () => {
    await summaries.sumUpDays(at(1, 0));
    await readings.add([{ meterId: 'cellar', timestamp: at(1, 5), powerW: 900, energyKwh: 1.6 }]);
    await summaries.sumUpDays(at(1, 0));
    expect((await summaries.days('cellar', { to: at(1, 0) }))[0]).toMatchObject({ readings: 4, maxPowerW: 900 });
    await readings.removeOlderThan(at(1, 4));
    await summaries.sumUpDays(at(1, 0));
    expect((await summaries.days('cellar', { to: at(1, 0) }))[0]).toMatchObject({ readings: 4, maxPowerW: 900 });
  });
});
