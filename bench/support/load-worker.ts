import { parentPort, workerData } from 'node:worker_threads';
import autocannon from 'autocannon';

export interface LoadRequest {
  readonly url: string;
  readonly connections: number;
  /** Seconds. */
  readonly duration: number;
}

export interface LoadResult {
  readonly requests: number;
  /** Answers other than 2xx, errors, time-outs and resets. */
  readonly failed: number;
  readonly perSecond: number;
}

const { url, connections, duration } = workerData as LoadRequest;
const result = await autocannon({ url, connections, duration });
const answer: LoadResult = {
  requests: result.requests.total,
  failed: result.non2xx + result.errors + result.timeouts + result.resets,
  perSecond: result.requests.average,
};
parentPort?.postMessage(answer);
