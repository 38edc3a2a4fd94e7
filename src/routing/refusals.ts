import { NestdockError } from '../common/errors/nestdock-error.js';
import { type RequestLimits } from './request-limits.js';

/** Why the host answers in place of a module. */
export interface Refusal {
  readonly error: NestdockError;
  /** Of the answer, beside those of every problem. */
  readonly headers: Readonly<Record<string, string>>;
}

export function bodyTooLarge(name: string, bodyBytes: number): Refusal {
  const detail = `the module "${name}" takes bodies of up to ${bodyBytes} bytes`;
  // The rest of the body would be taken for the next request.
  return { error: new NestdockError('BODY_TOO_LARGE', detail), headers: { connection: 'close' } };
}

export function rateLimited(name: string, ratePerSecond: number, seconds: number): Refusal {
  const detail = `the module "${name}" takes ${ratePerSecond} requests a second`;
  return retryable('RATE_LIMITED', detail, Math.max(1, Math.ceil(seconds)));
}

export function moduleBusy(name: string, { concurrency, queue }: NonNullable<RequestLimits['bulkhead']>): Refusal {
  const detail = `the module "${name}" has ${concurrency} requests in progress, and ${queue} may wait`;
  return retryable('MODULE_BUSY', detail, 1);
}

export function requestTimeout(name: string, timeoutMs: number): Refusal {
  const detail = `the module "${name}" did not begin to answer within ${timeoutMs} ms`;
  return { error: new NestdockError('REQUEST_TIMEOUT', detail), headers: {} };
}

function retryable(code: 'RATE_LIMITED' | 'MODULE_BUSY', detail: string, retryAfter: number): Refusal {
  const error = new NestdockError(code, detail, { extensions: { retryAfter } });
  return { error, headers: { 'retry-after': String(retryAfter) } };
}
