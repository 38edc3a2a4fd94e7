import { beforeEach, describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { InFlight } from '../../kernel/index.js';
import { countedCall } from './counted-call.js';

describe('a counted call', () => {
  let inFlight: InFlight;
  beforeEach(() => {
    inFlight = new InFlight();
  });
  const counted = <T>(call: () => T): T => countedCall(inFlight, call) as T;

  it('has ended with its return, or with what it throws', () => {
    expect(counted(() => inFlight.calls)).toBe(1);
    expect(inFlight.calls).toBe(0);
    const failing = () => {
      throw new Error('no');
    };
    expect(() => counted(failing)).toThrow('no');
    expect(inFlight.calls).toBe(0);
  });

  it('goes on until its promise is settled', async () => {
    const answer = counted(async () => 'yes');
    const failure = counted(async () => Promise.reject(new Error('no')));
    expect(inFlight.calls).toBe(2);
    expect(await answer).toBe('yes');
    await expect(failure).rejects.toThrow('no');
    expect(inFlight.calls).toBe(0);
  });

  it('keeps the generation from being idle', async () => {
    let end: () => void = () => undefined;
    const call = counted(() => new Promise<void>((resolve) => (end = resolve)));
    let isIdle = false;
    const idle = inFlight.idle().then(() => (isIdle = true));
    await new Promise(setImmediate);
    expect(isIdle).toBe(false);
    end();
    await Promise.all([call, idle]);
  });

  async function* numbers() {
    yield 1;
    yield 2;
  }

  it('goes on until an iterator has been read', async () => {
    const read: number[] = [];
    for await (const value of counted(() => numbers())) {
      expect(inFlight.calls).toBe(1);
      read.push(value);
    }
    expect([read, inFlight.calls]).toEqual([[1, 2], 0]);
  });

  it('ends with an iterator that is left early, or that fails', async () => {
    for await (const value of counted(() => numbers())) if (value === 1) break;
    expect(inFlight.calls).toBe(0);
    const failing = counted(async function* () {
      yield await Promise.reject(new Error('no'));
    });
    await expect(failing.next()).rejects.toThrow('no');
    expect(inFlight.calls).toBe(0);
  });

  it('goes on until the iterator that a promise gave has been read', async () => {
    const iterator = await counted(async () => numbers());
    expect(inFlight.calls).toBe(1);
    await iterator.next();
    await iterator.return(undefined);
    expect(inFlight.calls).toBe(0);
  });

  it('goes on until a stream is closed, and leaves the stream as it is', async () => {
    const made = Readable.from(['a', 'b']);
    const stream = counted(() => made);
    expect([stream === made, inFlight.calls, made.listenerCount('error')]).toEqual([true, 1, 0]);
    const read: string[] = [];
    for await (const chunk of stream) read.push(chunk as string);
    expect([read, inFlight.calls]).toEqual([['a', 'b'], 0]);
  });
});
