import { describe, expect, test } from '@jest/globals';
import { type ManifestLimits } from '../manifest/index.js';
import { type RequestLimits, requestLimits } from './request-limits.js';

describe('the limits of a module', () => {
  test.each<[string, ManifestLimits | undefined, RequestLimits]>([
    ['are those of the host where the manifest says nothing', undefined, { timeoutMs: 30_000 }],
    ['are below those of the host', { requestTimeoutMs: 5000 }, { timeoutMs: 5000 }],
    ['are never above those of the host', { requestTimeoutMs: 60_000 }, { timeoutMs: 30_000 }],
    [
      'let a hundred wait unless the manifest says how many',
      { concurrency: 2 },
      { timeoutMs: 30_000, bulkhead: { concurrency: 2, queue: 100 } },
    ],
    ['let none wait', { concurrency: 2, queue: 0 }, { timeoutMs: 30_000, bulkhead: { concurrency: 2, queue: 0 } }],
    ['have no queue where as many run as come', { queue: 5 }, { timeoutMs: 30_000 }],
    [
      'pass the others on',
      { bodyBytes: 10, ratePerSecond: 0.5 },
      { timeoutMs: 30_000, bodyBytes: 10, ratePerSecond: 0.5 },
    ],
  ])('%s', (_, limits, expected) => {
    expect(requestLimits(limits, { requestTimeoutMs: 30_000 })).toEqual(expected);
  });
});
