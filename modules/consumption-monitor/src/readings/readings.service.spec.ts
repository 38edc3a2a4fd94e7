import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ModuleDatabase } from '../../../../test/support/module-database.js';
import { Meter } from '../meters/meter.entity.js';
import { emptyTables, openMonitorDatabase } from '../testing/monitor-database.js';
import { type Reading } from './reading.entity.js';
import { ReadingsService } from './readings.service.js';

const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour));
const reading = (meterId: string, hour: number): Reading => ({
  meterId,
  timestamp: at(hour),
  powerW: 100 * hour,
  energyKwh: hour / 10,
});
const hours = ([readings]: [readonly Reading[], number]) =>
  readings.map(({ meterId, timestamp }) => `${meterId} ${timestamp.getUTCHours()}`);

describe('ReadingsService', () => {
  let database: ModuleDatabase;
  let readings: ReadingsService;

  beforeAll(async () => {
    database = await openMonitorDatabase();
    readings = new ReadingsService(database.dataSource);
  });
  afterAll(() => database.close());
  /** Added out of order, as slow meters answer. */
  beforeEach(async () => {
    await emptyTables(database);
    await readings.add([reading('cellar', 2), reading('attic', 3), reading('cellar', 1), reading('cellar', 4)]);
  });

  it('finds the newest first, over all meters, up to the limit', async () => {
    expect(hours(await readings.find())).toEqual(['cellar 4', 'attic 3', 'cellar 2', 'cellar 1']);
    const [items, total] = await readings.find({}, 2);
    expect([items.length, total]).toEqual([2, 4]);
    expect(items[0]).toEqual({ meterId: 'cellar', timestamp: at(4), powerW: 400, energyKwh: 0.4 });
  });

  it('finds by meter and by period, both ends included', async () => {
    expect(hours(await readings.find({ meterId: 'attic' }))).toEqual(['attic 3']);
    expect(hours(await readings.find({ from: at(2), to: at(3) }))).toEqual(['attic 3', 'cellar 2']);
    expect(hours(await readings.find({ from: at(3) }))).toEqual(['cellar 4', 'attic 3']);
    expect(hours(await readings.find({ to: at(1) }))).toEqual(['cellar 1']);
    expect(await readings.find({ meterId: 'nowhere' })).toEqual([[], 0]);
  });

  it('takes a reading once', async () => {
    expect(await readings.add([reading('cellar', 2), reading('attic', 2), reading('attic', 2)])).toBe(1);
    expect(await readings.add([])).toBe(0);
    expect(hours(await readings.find({ meterId: 'cellar' }))).toEqual(['cellar 4', 'cellar 2', 'cellar 1']);
  });

  it('knows when it first and last heard of a meter', async () => {
    await readings.add([reading('cellar', 3)]);
    expect(await database.dataSource.manager.find(Meter, { order: { id: 'ASC' } })).toEqual([
      { id: 'attic', firstSeenAt: at(3), lastSeenAt: at(3) },
      { id: 'cellar', firstSeenAt: at(2), lastSeenAt: at(4) },
    ]);
  });

  it('forgets what is too old, and no meter', async () => {
    expect(await readings.removeOlderThan(at(4))).toBe(3);
    expect(hours(await readings.find())).toEqual(['cellar 4']);
    expect(await database.dataSource.manager.count(Meter)).toBe(2);
  });
});
