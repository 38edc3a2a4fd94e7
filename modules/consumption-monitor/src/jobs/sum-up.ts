import { type JobContext } from 'nestdock';
import { SummariesService } from '../summaries/summaries.service.js';

const MS_PER_DAY = 86_400_000;

/** Keeps what the readings of today and yesterday come to: slow meters may have brought some late. */
export default async function sumUp(context: JobContext): Promise<{ written: number }> {
  const since = new Date(context.job.scheduledAt.getTime() - MS_PER_DAY);
  return { written: await context.get(SummariesService).sumUpDays(since) };
}
