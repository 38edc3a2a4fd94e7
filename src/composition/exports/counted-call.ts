import { types } from 'node:util';
import { type InFlight } from '../../kernel/index.js';

/**
 * Makes a call that counts as in flight until it has ended: until what it returned is settled where that is a
 * promise, and until it is read or closed where that is a stream or an async iterator.
 */
export function countedCall(inFlight: InFlight, call: () => unknown): unknown {
  inFlight.beginCall();
  const end = once(() => inFlight.endCall());
  try {
    return untilEnded(call(), end);
  } catch (error) {
    end();
    throw error;
  }
}

function untilEnded(result: unknown, end: () => void): unknown {
  if (types.isPromise(result)) return settled(result, end);
  if (isStream(result)) {
    // Not by `finished()`, whose listener would take an error for handled.
    result.once('close', end);
    return result;
  }
  if (isAsyncIterator(result)) return countedIterator(result, end);
  end();
  return result;
}

async function settled(result: Promise<unknown>, end: () => void): Promise<unknown> {
  let value: unknown;
  try {
    value = await result;
  } catch (error) {
    end();
    throw error;
  }
  return untilEnded(value, end);
}

function countedIterator(iterator: AsyncIterator<unknown>, end: () => void): AsyncIterableIterator<unknown> {
  const step = async (result: Promise<IteratorResult<unknown>>): Promise<IteratorResult<unknown>> => {
    try {
      const next = await result;
      if (next.done) end();
      return next;
    } catch (error) {
      end();
      throw error;
    }
  };
  return {
    next: (...values) => step(iterator.next(...values)),
    return: (value) => step(iterator.return?.(value) ?? Promise.resolve({ done: true, value: undefined })),
    throw: (error) => step(iterator.throw?.(error) ?? Promise.reject(error as Error)),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

const isStream = (value: unknown): value is NodeJS.ReadableStream =>
  isObject(value) && typeof value['pipe'] === 'function' && typeof value['on'] === 'function';

const isAsyncIterator = (value: unknown): value is AsyncIterator<unknown> =>
  isObject(value) && typeof value[Symbol.asyncIterator] === 'function' && typeof value['next'] === 'function';

const isObject = (value: unknown): value is Record<string | symbol, unknown> =>
  typeof value === 'object' && value !== null;

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    run();
  };
}
