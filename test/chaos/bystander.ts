import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** What the bystander's requests met in a while. */
export interface Meter {
  readonly requests: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What the other module does: it answers, and nothing else. */
export const BYSTANDER = {
  manifest: { name: 'bystander', entry: './index.ts' },
  files: { 'index.ts': `export default async (app) => { app.get('/', async () => ({ calm: true })); };` },
};

const EVERY_MS = 2;
/** More do not wait at the same time: users of a host that is stuck come back later. */
const MOST_WAITING = 250;
/** A request that has no answer by then has failed. */
const TIMEOUT_MS = 5_000;

interface Met {
  readonly latencies: readonly number[];
  readonly failed: number;
}

/** Asks the bystander from a thread of its own. */
export class BystanderLoad {
  readonly #worker: Worker;

  constructor(url: string) {
    const workerData = { url, everyMs: EVERY_MS, mostWaiting: MOST_WAITING, timeoutMs: TIMEOUT_MS };
    this.#worker = new Worker(new URL('./bystander-worker.js', import.meta.url), { workerData });
  }

  /** What was met since the last call; waits for what is under way. */
  async take(): Promise<Meter> {
    this.#worker.postMessage('take');
    const [{ latencies, failed }] = (await once(this.#worker, 'message')) as [Met];
    const sorted = [...latencies].sort((a, b) => a - b);
    return {
      requests: sorted.length + failed,
      failed,
      p50Ms: quantile(sorted, 0.5),
      p99Ms: quantile(sorted, 0.99),
    };
  }

  async stop(): Promise<void> {
    const stopped = once(this.#worker, 'exit');
    this.#worker.postMessage('stop');
    await stopped;
  }
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
