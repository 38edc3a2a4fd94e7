import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

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

/** Asks the bystander steadily, as its users do, and keeps book of what they meet. */
export class BystanderLoad {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: MOST_WAITING });
  readonly #open = new Set<Promise<void>>();
  #latencies: number[] = [];
  #failed = 0;
  #running = true;
  readonly #loop: Promise<void>;

  constructor(private readonly url: string) {
    this.#loop = this.#run();
  }

  /** What was met since the last call; waits for what is under way. */
  async take(): Promise<Meter> {
    await Promise.all(this.#open);
    const sorted = this.#latencies.sort((a, b) => a - b);
    const meter = {
      requests: sorted.length + this.#failed,
      failed: this.#failed,
      p50Ms: quantile(sorted, 0.5),
      p99Ms: quantile(sorted, 0.99),
    };
    this.#latencies = [];
    this.#failed = 0;
    return meter;
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#loop;
    this.#agent.destroy();
    await Promise.allSettled(this.#open);
  }

  async #run(): Promise<void> {
    while (this.#running) {
      if (this.#open.size < MOST_WAITING) {
        const asked = this.#ask();
        this.#open.add(asked);
        void asked.finally(() => this.#open.delete(asked));
      }
      await sleep(EVERY_MS);
    }
  }

  async #ask(): Promise<void> {
    const begin = performance.now();
    const isCalm = await new Promise<boolean>((resolve) => {
      const asked = request(this.url, { agent: this.#agent, signal: AbortSignal.timeout(TIMEOUT_MS) }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () => resolve(response.statusCode === 200 && body === '{"calm":true}'));
        response.on('error', () => resolve(false));
      });
      asked.on('error', () => resolve(false));
      asked.end();
    });
    if (isCalm) this.#latencies.push(performance.now() - begin);
    else this.#failed++;
  }
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
