import { type ManifestLimits } from '../manifest/index.js';

/** What the requests of one module must keep to. */
export interface RequestLimits {
  /** Milliseconds until the answer must have begun. */
  readonly timeoutMs: number;
  /** Requests in progress, and those that wait beside; absent: as many as come. */
  readonly bulkhead?: { readonly concurrency: number; readonly queue: number };
  readonly bodyBytes?: number;
  readonly ratePerSecond?: number;
}

/** Requests that wait where the manifest limits those in progress, but not these. */
const DEFAULT_QUEUE = 100;

/** The manifest's limits, cut down to the host's. */
export function requestLimits(limits: ManifestLimits = {}, host: { readonly requestTimeoutMs: number }): RequestLimits {
  const { requestTimeoutMs, concurrency, queue = DEFAULT_QUEUE, bodyBytes, ratePerSecond } = limits;
  return {
    timeoutMs: Math.min(requestTimeoutMs ?? Infinity, host.requestTimeoutMs),
    ...(concurrency !== undefined && { bulkhead: { concurrency, queue } }),
    ...(bodyBytes !== undefined && { bodyBytes }),
    ...(ratePerSecond !== undefined && { ratePerSecond }),
  };
}
