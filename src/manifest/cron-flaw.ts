import { CronTime, validateCronExpression } from 'cron';
import { type ProblemText } from './problem-list.js';
import { quote } from './wording.js';

const FIELDS = ['a second', 'a minute', 'an hour', 'a day of month', 'a month', 'a day of week'];

const PRESETS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
  '@minutely': '* * * * *',
  '@secondly': '* * * * * *',
  '@weekdays': '0 0 * * 1-5',
  '@weekends': '0 0 * * 0,6',
};

/** What is wrong with a cron expression of five fields, or six with seconds first; undefined where nothing is. */
export function cronFlaw(expression: string): ProblemText | undefined {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== 5 && fields.length !== 6) return countFlaw(expression, fields);
  const named = fields.map((text, index) => ({ text, index: index + FIELDS.length - fields.length }));
  const bad = named.filter(({ text, index }) => !parses(alone(text, index)));
  if (bad.length > 0) {
    const parts = bad.map(({ text, index }) => `${quote(text)} is not ${FIELDS[index]}`);
    return { message: `the schedule ${quote(expression)} is not a cron expression: ${parts.join(', ')}` };
  }
  return comesDue(new CronTime(expression))
    ? undefined
    : { message: `the schedule ${quote(expression)} never comes due` };
}

function countFlaw(expression: string, fields: readonly string[]): ProblemText {
  const count = expression.trim() === '' ? 0 : fields.length;
  const preset = PRESETS[expression.trim().toLowerCase()];
  return {
    message: `the schedule ${quote(expression)} has ${count} field${count === 1 ? '' : 's'}`,
    hint: preset
      ? `write \`${preset}\``
      : 'five fields are needed (minute, hour, day of month, month, day of week), or six with seconds first',
  };
}

/** An expression where all fields but one are sure to be right. */
const alone = (field: string, index: number): string =>
  FIELDS.map((_name, position) => (position === index ? field : '*')).join(' ');

const parses = (expression: string): boolean => validateCronExpression(expression).valid;

const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether there is a month with a day that is asked for: not so on 30 February. */
function comesDue(time: CronTime): boolean {
  const [, , , days, months, weekdays] = time.toJSON();
  // With a day of the week as well, either of the two days will do.
  if (days === undefined || days === '*' || weekdays !== '*') return true;
  const least = Math.min(...days.split(',').map(Number));
  const asked =
    months === undefined || months === '*' ? DAYS_IN_MONTH.keys() : months.split(',').map((month) => Number(month) - 1);
  return [...asked].some((month) => (DAYS_IN_MONTH[month] ?? 0) >= least);
}
