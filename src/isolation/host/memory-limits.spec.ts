import { expect, it } from '@jest/globals';
import { memoryLimits } from './memory-limits.js';

const MB = 2 ** 20;

it.each([
  ['nothing is said: the host says', undefined, 512, { heapMb: 307, rssBytes: 512 * MB }],
  ['less than the host allows', { memoryMb: 200 }, 512, { heapMb: 120, rssBytes: 200 * MB }],
  ['more than the host allows', { memoryMb: 4_000 }, 512, { heapMb: 307, rssBytes: 512 * MB }],
])('where %s', (_title, limits, most, expected) => {
  expect(memoryLimits(limits, most)).toEqual(expected);
});
