import { describe, expect, it } from '@jest/globals';
import { boundedResult, boundedText } from './bounded.js';

describe('boundedResult', () => {
  it('keeps what JSON can say, without NULs', () => {
    expect(boundedResult({ a: [1, 'x\u0000y'], at: new Date(0) })).toEqual({
      a: [1, 'xy'],
      at: '1970-01-01T00:00:00.000Z',
    });
    expect(boundedResult(undefined)).toBeNull();
  });

  it('leaves a backslash that stands before u0000 as it is', () => {
    expect(boundedResult('\\u0000')).toBe('\\u0000');
  });

  it('puts a note in the place of what is too large, or is no JSON', () => {
    expect(boundedResult('x'.repeat(70_000))).toMatchObject({ truncated: true, bytes: 70_002 });
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(boundedResult(cycle)).toMatchObject({ unserializable: true, reason: expect.stringContaining('circular') });
    expect(boundedResult(1n)).toMatchObject({ unserializable: true });
  });
});

describe('boundedText', () => {
  it('cuts, and says how long it was', () => {
    expect(boundedText('abcdef', 3)).toBe('abc… (6 characters)');
    expect(boundedText('a\u0000b', 3)).toBe('ab');
  });
});
