import { didYouMean } from '../../common/did-you-mean.js';
import { cronFlaw } from '../cron-flaw.js';
import { entriesOf, type JsonObject, memberOf } from '../json-value.js';
import { type MatchPattern } from '../match-pattern.js';
import { type ProblemList } from '../problem-list.js';
import { quote, where } from '../wording.js';
import { checkFields } from './fields.js';

/** Checks when each job runs, and the fields of its config. */
export function checkJobs(manifest: JsonObject, problems: ProblemList, match: MatchPattern): void {
  if (!problems.isSound(['jobs'])) return;
  for (const [key, job] of entriesOf(manifest.jobs)) {
    checkSchedule(memberOf(job, 'schedule'), ['jobs', key, 'schedule'], problems);
    checkTimezone(memberOf(job, 'timezone'), ['jobs', key, 'timezone'], problems);
    checkFields(memberOf(job, 'config'), ['jobs', key, 'config'], problems, match);
  }
}

function checkSchedule(schedule: unknown, at: readonly string[], problems: ProblemList): void {
  if (typeof schedule !== 'string' || !problems.isSound(at)) return;
  const flaw = cronFlaw(schedule);
  if (flaw) problems.add('MANIFEST_CRON_INVALID', { at }, { ...flaw, message: `${where(at)}: ${flaw.message}` });
}

function checkTimezone(timezone: unknown, at: readonly string[], problems: ProblemList): void {
  if (typeof timezone !== 'string' || !problems.isSound(at) || isTimezone(timezone)) return;
  const message = `${where(at)}: the time zone ${quote(timezone)} is not known`;
  const hint = didYouMean(timezone, ['UTC', ...Intl.supportedValuesOf('timeZone')]);
  problems.add('MANIFEST_TIMEZONE_UNKNOWN', { at }, { message, hint });
}

/** Whether this is a time zone that schedules can be in. */
export function isTimezone(timezone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
