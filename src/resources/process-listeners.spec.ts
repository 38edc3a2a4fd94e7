import { expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { type CodeOrigin, type CodeOrigins } from '../kernel/index.js';
import { ProcessListeners } from './process-listeners.js';

const hello = { module: 'hello', generation: 1 };

it('removes the listeners that a generation leaves, and tells which; those of others stay', () => {
  let origin: CodeOrigin | undefined;
  const origins: CodeOrigins = { locate: () => undefined, originOf: () => origin, positionOf: () => undefined };
  const listener = () => undefined;
  const host = new EventEmitter();
  const listeners = new ProcessListeners(origins);
  const end = listeners.watch(host);
  host.on('exit', listener);
  origin = hello;
  host.once('SIGTERM', listener);
  host.on('gone', listener).off('gone', listener);
  origin = { module: 'hello', generation: 2 };
  host.on('SIGTERM', listener);
  origin = undefined;

  expect(listeners.release(hello)).toEqual([
    { kind: 'listeners', event: 'SIGTERM', listener: expect.any(Function), madeAt: expect.any(Error) },
  ]);
  expect(listeners.release(hello)).toEqual([]);
  expect(host.listenerCount('SIGTERM')).toBe(1);
  expect(host.listenerCount('exit')).toBe(1);
  end();
  expect(host.listenerCount('newListener') + host.listenerCount('removeListener')).toBe(0);
});
