import { type CronExpression, CronExpressionParser } from 'cron-parser';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { toError } from '../../common/to-error.js';
import { cronFlaw, isTimezone } from '../../manifest/index.js';

const HOUR_MS = 3_600_000;

/**
 * The ticks of a cron expression in a time zone. A tick is a whole second that follows from the expression alone,
 * never from the moment somebody looked: hosts whose clocks disagree name the same ticks.
 *
 * Where clocks go forward, a tick in the hour that does not exist comes once, an hour later. Where they go back,
 * one at a fixed hour comes once, in the first of the two hours; one of every hour comes in both.
 */
export class CronSchedule {
  readonly #wallClock: Intl.DateTimeFormat;
  /** Parsed once: that costs more than a tick. Whoever asks sets its date first. */
  readonly #iterator: CronExpression;
  readonly #everyHour: boolean;
  #fires: boolean | undefined;

  private constructor(
    readonly expression: string,
    readonly timezone: string,
  ) {
    this.#iterator = parseExpression(expression, timezone);
    this.#everyHour = this.#iterator.fields.hour.isWildcard;
    this.#wallClock = new Intl.DateTimeFormat('en', {
      timeZone: timezone,
      dateStyle: 'short',
      timeStyle: 'medium',
      hourCycle: 'h23',
    });
  }

  /** @throws {NestdockError} SCHEDULE_INVALID or TIMEZONE_INVALID, naming the field. */
  static parse(expression: string, timezone: string): CronSchedule {
    if (!isTimezone(timezone)) throw invalidTimezone(timezone);
    const flaw = cronFlaw(expression);
    if (flaw) throw invalidSchedule(flaw.message, flaw.hint);
    return new CronSchedule(expression, timezone);
  }

  /** The first tick later than `after`; undefined where there is none, as for 30 February. */
  next(after: Date): Date | undefined {
    this.#iterator.reset(after);
    this.#fires ??= this.#iterator.hasNext();
    const tick = this.#fires ? this.#iterator.next().toDate() : undefined;
    // An iterator that starts in the second of two equal hours knows nothing of the first.
    return tick && this.#isSecondPass(tick) ? this.next(tick) : tick;
  }

  /** The ticks in `(after, until]`, the earliest first. */
  between(after: Date, until: Date): Date[] {
    const ticks: Date[] = [];
    for (let tick = this.next(after); tick && tick <= until; tick = this.next(tick)) ticks.push(tick);
    return ticks;
  }

  /** The last `count` ticks in `(after, until]`, the earliest first. Costs what they cost, however far back `after` is. */
  last(count: number, after: Date, until: Date): Date[] {
    this.#iterator.reset(new Date(until.getTime() + 1));
    const ticks: Date[] = [];
    while (ticks.length < count && this.#iterator.hasPrev()) {
      const tick = this.#iterator.prev().toDate();
      if (tick <= after) break;
      if (!this.#isSecondPass(tick)) ticks.unshift(tick);
    }
    return ticks;
  }

  /** Whether the wall clock shows what it showed an hour before, and the expression names its hours. */
  #isSecondPass(tick: Date): boolean {
    if (this.#everyHour) return false;
    return this.#wallClock.format(tick) === this.#wallClock.format(new Date(tick.getTime() - HOUR_MS));
  }
}

function parseExpression(expression: string, tz: string): CronExpression {
  try {
    return CronExpressionParser.parse(expression, { tz });
  } catch (thrown) {
    throw invalidSchedule(`"${expression}" is no cron expression: ${toError(thrown).message}`, undefined, thrown);
  }
}

function invalidSchedule(message: string, hint = 'Such as `*/15 * * * *`.', cause?: unknown): NestdockError {
  return new NestdockError('SCHEDULE_INVALID', message, {
    cause,
    problems: [{ code: 'SCHEDULE_INVALID', pointer: '/schedule', message, hint }],
  });
}

function invalidTimezone(timezone: string): NestdockError {
  const message = `"${timezone}" is no time zone that this host knows`;
  return new NestdockError('TIMEZONE_INVALID', message, {
    problems: [{ code: 'TIMEZONE_INVALID', pointer: '/timezone', message, hint: 'Such as `Europe/Bucharest`.' }],
  });
}
