import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ModuleDatabase } from '../../../../test/support/module-database.js';
import { ReadingsService } from '../readings/readings.service.js';
import { jobContext } from '../testing/job-context.js';
import { emptyTables, openMonitorDatabase } from '../testing/monitor-database.js';
import cleanUp from './clean-up.js';

const scheduledAt = new Date('2026-01-31T02:30:00Z');

describe('clean-up', () => {
  let database: ModuleDatabase;
  let readings: ReadingsService;
  const context = (retentionDays: unknown) =>
    jobContext({ config: {}, providers: [readings], settings: { retentionDays }, scheduledAt }).context;

  beforeAll(async () => {
    database = await openMonitorDatabase();
    readings = new ReadingsService(database.dataSource);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await emptyTables(database);
    for (const day of [1, 20, 30]) {
      const timestamp = new Date(Date.UTC(2026, 0, day));
      await readings.add([{ meterId: 'cellar', timestamp, powerW: 1, energyKwh: day }]);
    }
  });

  it('forgets what is older than the retention', async () => {
    expect(await cleanUp(context(7))).toEqual({ removed: 2, oldest: new Date('2026-01-24T02:30:00Z') });
    expect((await readings.find())[1]).toBe(1);
  });

  it.each([undefined, 0, -1, 'soon'])('forgets nothing where the retention is %p', async (retentionDays) => {
    await expect(cleanUp(context(retentionDays))).rejects.toThrow(RangeError);
    expect((await readings.find())[1]).toBe(3);
  });
});
