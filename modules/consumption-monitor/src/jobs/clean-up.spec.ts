import { expect, it } from '@jest/globals';
import { ReadingsService } from '../readings/readings.service.js';
import { jobContext } from '../testing/job-context.js';
import cleanUp from './clean-up.js';

const scheduledAt = new Date('2026-01-31T02:30:00Z');

function setUp(retentionDays: unknown) {
  const readings = new ReadingsService();
  for (const day of [1, 20, 30]) {
    readings.add({ meterId: 'cellar', timestamp: new Date(Date.UTC(2026, 0, day)), powerW: 1, energyKwh: day });
  }
  return { readings, ...jobContext({ config: {}, providers: [readings], settings: { retentionDays }, scheduledAt }) };
}

it('forgets what is older than the retention', () => {
  const { context, readings } = setUp(7);
  expect(cleanUp(context)).toEqual({ removed: 2, oldest: new Date('2026-01-24T02:30:00Z') });
  expect(readings.find()).toHaveLength(1);
});

it.each([undefined, 0, -1, 'soon'])('forgets nothing where the retention is %p', (retentionDays) => {
  const { context, readings } = setUp(retentionDays);
  expect(() => cleanUp(context)).toThrow(RangeError);
  expect(readings.find()).toHaveLength(3);
});
