import { expect, it, jest } from '@jest/globals';
import { type Logger } from '../common/logging/logger.js';
import { LeftBehind, type Leftover } from './left-behind.js';

const origin = { module: 'hello', generation: 2 };

it('tells of what a generation has left in one line, and counts by module', () => {
  const logger = { warn: jest.fn() };
  const lines = new Map<Error, number>();
  const origins = {
    locate: () => undefined,
    originOf: () => undefined,
    positionOf: (error: Error) => ({ file: '/m/a.ts', line: lines.get(error) ?? 0, column: 1 }),
  };
  const madeAt = (line: number): Error => {
    const error = new Error('made');
    lines.set(error, line);
    return error;
  };
  const leftBehind = new LeftBehind(origins, logger as unknown as Logger);
  leftBehind.report(origin, []);
  expect(logger.warn).not.toHaveBeenCalled();

  const leftovers: Leftover[] = [
    { kind: 'timers' },
    { kind: 'servers', madeAt: madeAt(4) },
    { kind: 'servers', madeAt: madeAt(4) },
    { kind: 'listeners', madeAt: madeAt(5), event: Symbol('s') },
  ];
  leftBehind.report(origin, leftovers);
  expect(logger.warn).toHaveBeenCalledTimes(1);
  expect(logger.warn).toHaveBeenCalledWith(
    {
      ...origin,
      left: { timers: 1, servers: 2, listeners: 1 },
      at: ['servers: /m/a.ts:4:1', 'listeners: /m/a.ts:5:1'],
      events: ['Symbol(s)'],
    },
    expect.any(String),
  );

  const many = Array.from({ length: 1_000 }, (_, line) => ({ kind: 'timers', madeAt: madeAt(line) }) as const);
  leftBehind.report({ module: 'hello', generation: 3 }, many);
  expect(logger.warn.mock.calls[1]?.[0]).toMatchObject({ at: { length: 20 }, left: { timers: 1_000 } });
  expect(leftBehind.counts()).toEqual({ hello: { timers: 1_001, servers: 2, listeners: 1 } });
});
