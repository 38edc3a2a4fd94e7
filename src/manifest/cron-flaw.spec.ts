import { describe, expect, test } from '@jest/globals';
import { cronFlaw } from './cron-flaw.js';

describe('cronFlaw', () => {
  test.each([
    '* * * * *',
    '*/15 * * * *',
    '0 30 2 * * *',
    '  0 9 * * mon-fri ',
    '0 0 29 2 *',
    '0 0 31 1,2 *',
    '0 0 30 2 mon',
    '0 0 1 jan,jul 0,7',
    '59 59 23 31 12 7',
  ])('takes %j', (schedule) => {
    expect(cronFlaw(schedule)).toBeUndefined();
  });

  test.each([
    ['61 * * * *', /`61` is not a minute$/],
    ['61 * * * * *', /`61` is not a second$/],
    ['* 24 * * *', /`24` is not an hour/],
    ['0 0 32 * *', /`32` is not a day of month/],
    ['0 0 * 13 *', /`13` is not a month/],
    ['0 0 * * 8', /`8` is not a day of week/],
    ['0 0 * * fun', /`fun` is not a day of week/],
    ['*/0 * * * *', /`\*\/0` is not a minute/],
    ['5-1 * * * *', /`5-1` is not a minute/],
    ['1,,2 * * * *', /`1,,2` is not a minute/],
    ['61 25 * * *', /`61` is not a minute, `25` is not an hour/],
    ['0 0 30 2 *', /never comes due/],
    ['0 0 0 31 4,6,9,11 *', /never comes due/],
    ['', /has 0 fields/],
    ['* * *', /has 3 fields/],
    ['* * * * * * *', /has 7 fields/],
  ])('refuses %j', (schedule, message) => {
    expect(cronFlaw(schedule)?.message).toMatch(message);
  });

  test('says what a preset stands for', () => {
    expect(cronFlaw('@Daily')).toEqual({ message: 'the schedule `@Daily` has 1 field', hint: 'write `0 0 * * *`' });
  });
});
