import { type JobContext } from 'nestdock';
import { ReadingsService } from '../readings/readings.service.js';

const MS_PER_DAY = 86_400_000;

/** Forgets the readings that are older than the setting `retentionDays` allows. */
export default async function cleanUp(context: JobContext): Promise<{ removed: number; oldest: Date }> {
  const retentionDays = Number(context.settings['retentionDays']);
  if (!(retentionDays > 0)) throw new RangeError('retentionDays must be a number above 0');
  const oldest = new Date(context.job.scheduledAt.getTime() - retentionDays * MS_PER_DAY);
  const removed = await context.get(ReadingsService).removeOlderThan(oldest);
  context.logger.info('Old readings forgotten', { removed, oldest });
  return { removed, oldest };
}
