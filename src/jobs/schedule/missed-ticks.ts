import { type JobMisfire } from '../../manifest/index.js';
import { type CronSchedule } from './cron-schedule.js';

/** Ticks longer ago than this are not made up for. */
const LONGEST_WINDOW_MS = 24 * 3_600_000;
/** Runs that make up for one downtime, at most: the latest ticks go first. */
const MOST_RUNS = 100;

const RUNS: Readonly<Record<JobMisfire, number>> = { skip: 0, 'run-once': 1, 'catch-up': MOST_RUNS };

/** The ticks in `(after, until]` that get a run although they were missed, the earliest first. */
export function ticksToCatchUp(misfire: JobMisfire, schedule: CronSchedule, after: Date, until: Date): Date[] {
  const earliest = Math.max(after.getTime(), until.getTime() - LONGEST_WINDOW_MS);
  return schedule.last(RUNS[misfire], new Date(earliest), until);
}
