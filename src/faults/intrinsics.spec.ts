import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Intrinsics } from './intrinsics.js';

describe('Intrinsics', () => {
  const lines: { restored?: string[] }[] = [];
  let intrinsics: Intrinsics;
  let end: () => void;

  beforeEach(() => {
    lines.length = 0;
    intrinsics = new Intrinsics(pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as object) }));
    end = intrinsics.watch();
  });
  afterEach(() => {
    intrinsics.restore();
    end();
  });

  it('puts back what was put in the place of a function, and says which', () => {
    const { at } = Array.prototype;
    Array.prototype.at = () => {
      throw new Error('patched');
    };
    Reflect.deleteProperty(String.prototype, 'trim');
    intrinsics.restore();
    expect([3].at(0)).toBe(3);
    expect(Array.prototype.at).toBe(at);
    expect(' a '.trim()).toBe('a');
    expect(lines.map(({ restored }) => restored)).toEqual([['Array.prototype.at', 'String.prototype.trim']]);
  });

  it('keeps what was added, but out of loops', () => {
    Object.assign(Object.prototype, { extra: () => 1 });
    intrinsics.restore();
    const keys = [];
    for (const key in { own: 1 }) keys.push(key);
    expect(keys).toEqual(['own']);
    expect(({} as { extra: () => number }).extra()).toBe(1);
    Reflect.deleteProperty(Object.prototype, 'extra');
    expect(lines[0]?.restored).toEqual(['Object.prototype.extra']);
  });

  it('says nothing where nothing was changed, nor of what is meant to be', () => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 3;
    intrinsics.restore();
    Error.stackTraceLimit = stackTraceLimit;
    expect(lines).toEqual([]);
  });
});
