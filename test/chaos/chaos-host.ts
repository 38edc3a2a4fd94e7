import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Isolation } from '../../src/kernel/index.js';
import { HostProcess } from '../support/host-process.js';
import { writeModule } from '../support/write-module.js';
import { BYSTANDER, BystanderLoad, type Meter } from './bystander.js';
import { type Fault, type Provocation } from './faults.js';

/** What a fault came to. */
export interface Outcome {
  readonly fault: string;
  readonly isolation: Isolation;
  readonly hostDied: boolean;
  /** What whoever provoked it got: a status, `no answer`, or `cut off`; with the problem's code where there was one. */
  readonly answer: string;
  /** Milliseconds until it had that. */
  readonly answerMs: number;
  /** Whether the module answers in the end, and after how many milliseconds; else its state. */
  readonly after: string;
  readonly bystander: Meter;
}

/** How long somebody waits for an answer, and for a sign of life of the host. */
const PATIENCE_MS = 5_000;
const HEALTH_PATIENCE_MS = 2_000;
/** How long the module has to be well again. */
const RECOVERY_MS = 15_000;
/** What a fault does late, it does within this. */
const AFTERMATH_MS = 250;

/** Deadlines that are over soon, and a circuit that leaves the suite alone: it is about one fault at a time. */
const ENVIRONMENT = {
  LOAD_TIMEOUT_MS: '2000',
  DRAIN_TIMEOUT_MS: '1000',
  PROCESS_MEMORY_MB: '256',
  LOG_LEVEL: 'warn',
};

/** A host with a bystander, whose users go on asking while another module does what it should not. */
export class ChaosHost {
  #load: BystanderLoad;
  #kernel: NodeJS.Timeout | undefined;

  private constructor(private readonly host: HostProcess) {
    this.#load = this.#newLoad();
  }

  static async start(env: Readonly<Record<string, string>> = {}): Promise<ChaosHost> {
    const host = await HostProcess.start({ env: { ...ENVIRONMENT, ...env } });
    await writeModule(host.modulesDir, BYSTANDER.manifest, BYSTANDER.files);
    await host.admin('POST', '/modules/scan');
    await host.admin('POST', '/modules/bystander/enable');
    return new ChaosHost(host);
  }

  /** What the bystander's users meet while nobody does anything wrong. */
  async quiet(ms: number): Promise<Meter> {
    await this.#load.take();
    await sleep(ms);
    return this.#load.take();
  }

  async run(fault: Fault, isolation: Isolation): Promise<Outcome> {
    const name = `chaos-${fault.name}`;
    await writeModule(this.host.modulesDir, { name, entry: './index.ts', ...fault.manifest, isolation }, fault.files);
    await this.host.admin('POST', '/modules/scan');
    if (fault.provocation !== 'load') await this.host.admin('POST', `/modules/${name}/enable`);
    await this.#load.take();
    const begin = performance.now();
    const answer = await this.#provoke(fault.provocation, name);
    const answerMs = Math.round(performance.now() - begin);
    await sleep(AFTERMATH_MS);
    const hostDied = !(await this.#isAlive());
    const after = hostDied ? 'gone with the host' : await this.#after(fault.provocation, name, begin);
    if (!hostDied) await this.#disable(name);
    return { fault: fault.name, isolation, hostDied, answer, answerMs, after, bystander: await this.#load.take() };
  }

  /** Whatever has become of the host: one that is stuck is ended the hard way. */
  async dispose(): Promise<void> {
    clearInterval(this.#kernel);
    await this.#load.stop();
    if (!(await this.#isAlive())) await this.host.end();
    await this.host.dispose();
  }

  /** Ends the host where it takes more memory than a container would let it: in the kernel's place, whose limits a test does not set. */
  limitMemory(bytes: number): void {
    const { pid } = this.host;
    this.#kernel = setInterval(() => {
      if (pid !== undefined && residentBytes(pid) > bytes) process.kill(pid, 'SIGKILL');
    }, 50);
  }

  #newLoad(): BystanderLoad {
    return new BystanderLoad(`${this.host.url}/api/v1/m/bystander`);
  }

  async #provoke(provocation: Provocation, name: string): Promise<string> {
    if (provocation === 'request') return ask(`${this.host.url}/api/v1/m/${name}/fault`);
    if (provocation === 'load') return this.#operate(name, 'enable');
    if (provocation === 'unload') return this.#operate(name, 'disable');
    const { body } = await this.host.admin<{ items: { id: string }[] }>('GET', `/jobs?module=${name}`);
    const run = await this.host.admin('POST', `/jobs/${body.items[0]?.id}/run`);
    await sleep(2_500);
    return String(run.status);
  }

  async #operate(name: string, operation: 'enable' | 'disable'): Promise<string> {
    try {
      const { status, body } = await this.host.admin('POST', `/modules/${name}/${operation}`);
      return described(status, body['code']);
    } catch {
      return 'cut off';
    }
  }

  /** Whether it answers, or what is said of it. */
  async #after(provocation: Provocation, name: string, begin: number): Promise<string> {
    const answers = provocation === 'request' || provocation === 'job';
    while (answers && performance.now() - begin < RECOVERY_MS) {
      if ((await ask(`${this.host.url}/api/v1/m/${name}/ok`)) === '200') {
        return `answers after ${Math.round(performance.now() - begin)} ms`;
      }
      await sleep(20);
    }
    const { body } = await this.host.admin('GET', `/modules/${name}`);
    return String(body['state']);
  }

  async #disable(name: string): Promise<void> {
    await this.host.admin('POST', `/modules/${name}/disable`);
    await this.host.admin('DELETE', `/modules/${name}`);
  }

  async #isAlive(): Promise<boolean> {
    return (await ask(`${this.host.url}/health`, HEALTH_PATIENCE_MS)) === '200';
  }
}

/** 0 where the process is gone, or the system does not say. */
function residentBytes(pid: number): number {
  const file = `/proc/${pid}/statm`;
  return existsSync(file) ? Number(readFileSync(file, 'latin1').split(' ')[1]) * 4096 : 0;
}

async function ask(url: string, patienceMs = PATIENCE_MS): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(patienceMs) });
    const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') === true;
    if (isProblem) return described(response.status, ((await response.json()) as { code: string }).code);
    // Neither kept nor decoded: whoever measures must not be busy himself.
    await response.body?.pipeTo(new WritableStream());
    return described(response.status, undefined);
  } catch (error) {
    return (error as Error).name === 'TimeoutError' ? 'no answer' : 'cut off';
  }
}

const described = (status: number, code: unknown): string =>
  typeof code === 'string' ? `${status} ${code}` : String(status);
