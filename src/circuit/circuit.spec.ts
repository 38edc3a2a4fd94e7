import { describe, expect, it } from '@jest/globals';
import { Circuit, LEAST_ERRORS } from './circuit.js';

const limits = { windowMs: 60_000, crashes: 3, timeouts: 4, errorPercent: 50 };

function setUp(changed: Partial<typeof limits> = {}) {
  const clock = { now: 0 };
  const circuit = new Circuit({ ...limits, ...changed }, () => clock.now);
  const report = (kind: 'crash' | 'timeout' | 'error', requests = 0, detail = 'so') =>
    circuit.report({ kind, detail }, requests);
  return { circuit, clock, report };
}

describe('Circuit', () => {
  it.each([
    ['crash', 3, 'it crashed 3 times within 60 s, at last so: so'],
    ['timeout', 4, '4 requests had no answer in time within 60 s, at last so: so'],
  ] as const)('says of the %s that is number %i that it is one too many', (kind, limit, reason) => {
    const { report } = setUp();
    const said = Array.from({ length: limit }, () => report(kind));
    expect(said).toEqual([...Array.from({ length: limit - 1 }), reason]);
  });

  it('counts each kind by itself, and only within its window', () => {
    const { circuit, clock, report } = setUp();
    report('crash');
    report('timeout');
    clock.now = 59_000;
    report('crash');
    expect(circuit.counts()).toEqual({ crashes: 2, timeouts: 1, errors: 0 });
    clock.now = 61_000;
    expect(circuit.counts()).toEqual({ crashes: 1, timeouts: 0, errors: 0 });
    expect(report('crash')).toBeUndefined();
  });

  it('never says so of a kind that is turned off', () => {
    const { report } = setUp({ crashes: 0, timeouts: 0, errorPercent: 0 });
    for (let i = 0; i < 100; i++)
      for (const kind of ['crash', 'timeout', 'error'] as const) expect(report(kind, i)).toBeUndefined();
  });

  it('holds errors against the requests of the same time', () => {
    const few = setUp();
    for (let i = 0; i < LEAST_ERRORS + 5; i++) expect(few.report('error', i * 3)).toBeUndefined();
    const many = setUp();
    const said = Array.from({ length: LEAST_ERRORS }, (_, i) => many.report('error', 1_000 + i));
    expect(said.at(-1)).toBe('100 % of its answers were errors within 60 s, at last so: so');
    expect(said.slice(0, -1).every((each) => each === undefined)).toBe(true);
  });
});
