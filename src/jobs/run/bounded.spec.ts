import { describe, expect, it } from '@jest/globals';
import { boundedResult, boundedText } from './bounded.js';

const bound = (result: unknown) => boundedResult(result, (json) => json);

describe('boundedResult', () => {
  it('leaves out what must not be kept before it is cut', () => {
    const redact = (json: string) => json.replaceAll('hunter2', '[redacted]');
    expect(boundedResult({ a: 'hunter2' }, redact)).toEqual({ a: '[redacted]' });
    const cut = boundedResult(`${'x'.repeat(990)}hunter2${'x'.repeat(70_000)}`, redact);
    expect(JSON.stringify(cut)).not.toContain('hunt');
  });

  it('keeps what JSON can say, without NULs', () => {
    expect(bound({ a: [1, 'x\u0000y'], at: new Date(0) })).toEqual({
      a: [1, 'xy'],
      at: '1970-01-01T00:00:00.000Z',
    });
    expect(bound(undefined)).toBeNull();
  });

  it('leaves a backslash that stands before u0000 as it is', () => {
    expect(bound('\\u0000')).toBe('\\u0000');
  });

  it('puts a note in the place of what is too large, or is no JSON', () => {
    expect(bound('x'.repeat(70_000))).toMatchObject({ truncated: true, bytes: 70_002 });
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(bound(cycle)).toMatchObject({ unserializable: true, reason: expect.stringContaining('circular') });
    expect(bound(1n)).toMatchObject({ unserializable: true });
  });
});

describe('boundedText', () => {
  it('cuts, and says how long it was', () => {
    expect(boundedText('abcdef', 3)).toBe('abc… (6 characters)');
    expect(boundedText('a\u0000b', 3)).toBe('ab');
  });
});
