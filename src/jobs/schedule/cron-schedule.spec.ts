import { describe, expect, it } from '@jest/globals';
import { CronSchedule } from './cron-schedule.js';
import { attemptMessageId, tickRunId } from './tick-id.js';

function ticks(expression: string, timezone: string, after: string, count: number): string[] {
  const schedule = CronSchedule.parse(expression, timezone);
  const found: string[] = [];
  for (let tick = schedule.next(new Date(after)); tick && found.length < count; tick = schedule.next(tick)) {
    found.push(tick.toISOString().slice(5, 16));
  }
  return found;
}

describe('CronSchedule', () => {
  it.each([
    ['30 2 * * *', 'America/New_York', '2025-03-08T00:00:00Z', '03-08T07:30 03-09T07:30 03-10T06:30'],
    ['30 1 * * *', 'America/New_York', '2025-11-01T00:00:00Z', '11-01T05:30 11-02T05:30 11-03T06:30'],
    ['30 2 * * *', 'America/New_York', '2025-11-01T00:00:00Z', '11-01T06:30 11-02T07:30 11-03T07:30'],
    ['30 2 * * *', 'Europe/Bucharest', '2025-03-28T12:00:00Z', '03-29T00:30 03-30T00:30 03-30T23:30'],
    ['30 3 * * *', 'Europe/Bucharest', '2025-03-28T12:00:00Z', '03-29T01:30 03-30T01:30 03-31T00:30'],
    ['30 3 * * *', 'Europe/Bucharest', '2025-10-25T00:00:00Z', '10-25T00:30 10-26T00:30 10-27T01:30'],
    ['30 2 * * *', 'Europe/Bucharest', '2025-10-25T00:00:00Z', '10-25T23:30 10-27T00:30 10-28T00:30'],
  ])('fires %s in %s once on a day of change', (expression, timezone, after, expected) => {
    expect(ticks(expression, timezone, after, 3).join(' ')).toBe(expected);
  });

  it('does not repeat a fixed hour where it is asked in the middle of the second of two equal hours', () => {
    expect(ticks('30 1 * * *', 'America/New_York', '2025-11-02T06:10:00Z', 1)).toEqual(['11-03T06:30']);
  });

  it('fires every hour of a day with 25 hours, and of one with 23', () => {
    expect(ticks('0 * * * *', 'America/New_York', '2025-11-02T04:30:00Z', 3)).toEqual([
      '11-02T05:00',
      '11-02T06:00',
      '11-02T07:00',
    ]);
    expect(ticks('0 * * * *', 'America/New_York', '2025-03-09T05:30:00Z', 3)).toEqual([
      '03-09T06:00',
      '03-09T07:00',
      '03-09T08:00',
    ]);
  });

  it('lists the ticks after one moment and up to another', () => {
    const schedule = CronSchedule.parse('* * * * * *', 'UTC');
    const ticks = schedule.between(new Date('2025-01-01T00:00:00.000Z'), new Date('2025-01-01T00:00:03.000Z'));
    expect(ticks.map((tick) => tick.toISOString().slice(17, 23))).toEqual(['01.000', '02.000', '03.000']);
  });

  it('knows the last ticks before a moment, that itself included, however long ago it was asked from', () => {
    const schedule = CronSchedule.parse('0 * * * *', 'UTC');
    const last = (count: number, after: string, until: string) =>
      schedule.last(count, new Date(after), new Date(until)).map((tick) => tick.toISOString().slice(0, 16));
    expect(last(2, '1990-01-01T00:00Z', '2025-01-01T03:00:00.000Z')).toEqual(['2025-01-01T02:00', '2025-01-01T03:00']);
    expect(last(1, '1990-01-01T00:00Z', '2025-01-01T02:59:59.999Z')).toEqual(['2025-01-01T02:00']);
    expect(last(9, '2025-01-01T01:00Z', '2025-01-01T03:00:00.000Z')).toEqual(['2025-01-01T02:00', '2025-01-01T03:00']);
    expect(last(9, '2025-01-01T03:00Z', '2025-01-01T03:59:00.000Z')).toEqual([]);
  });

  it.each(['', '* * * *', '* * * * * * *', '61 * * * *', '0 0 30 2 *', 'often'])(
    'refuses "%s", naming the field',
    (expression) => {
      expect(() => CronSchedule.parse(expression, 'UTC')).toThrow(
        expect.objectContaining({
          code: 'SCHEDULE_INVALID',
          problems: [expect.objectContaining({ pointer: '/schedule' })],
        }),
      );
    },
  );

  it('refuses a time zone that does not exist, naming the field', () => {
    expect(() => CronSchedule.parse('* * * * *', 'Mars/Olympus')).toThrow(
      expect.objectContaining({
        code: 'TIMEZONE_INVALID',
        problems: [expect.objectContaining({ pointer: '/timezone' })],
      }),
    );
  });
});

describe('ids', () => {
  const job = '5b3e1c1e-3c39-4f6f-9d87-0a1f6f1f7e11';
  const tick = new Date('2025-01-01T00:00:01.000Z');

  it('are the same for the same second of the same job, and for nothing else', () => {
    expect(tickRunId(job, new Date('2025-01-01T00:00:01.900Z'))).toBe(tickRunId(job, tick));
    expect(tickRunId(job, new Date('2025-01-01T00:00:02.000Z'))).not.toBe(tickRunId(job, tick));
    expect(attemptMessageId(job, 1)).toBe(attemptMessageId(job, 1));
    expect(attemptMessageId(job, 2)).not.toBe(attemptMessageId(job, 1));
  });
});
