import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasErrorCode } from '../../src/common/error-code.js';
import { makeDataDir, type TestPlace } from './database.js';
import { freePort } from './free-port.js';
import { changeManifest, copyModules } from './modules.js';

const ROOT = join(import.meta.dirname, '..', '..');
/** Made of the sources as they are, before the first test. */
const COMPILED_HOST = process.env['TEST_HOST'] ?? join(ROOT, 'dist/main.js');

/** One that is stuck is ended the hard way, so that no test leaves it behind. */
const STOP_WITHIN_MS = 20_000;

export interface HostProcessOptions {
  readonly modules?: readonly string[];
  /** Keys that the manifests of all these modules get. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * A host in a process of its own, as users run it, on a free port and folders of its own. For what jest's realm would
 * blur: there, a module's `Object` and `Number` are not those of the host and its packages.
 */
export class HostProcess {
  private constructor(
    /** Parent of `MODULES_DIR`. */
    private readonly root: string,
    private readonly data: TestPlace & { readonly dataDir: string },
    private readonly env: Readonly<Record<string, string>>,
    private running: RunningHost,
  ) {}

  static async start({ modules = [], manifest = {}, env = {} }: HostProcessOptions = {}): Promise<HostProcess> {
    const root = await mkdtemp(join(tmpdir(), 'nestdock-'));
    const data = await makeDataDir();
    const all = { DATA_DIR: data.dataDir, MODULES_DIR: join(root, 'modules'), ...env };
    try {
      await copyModules(modules, all.MODULES_DIR);
      for (const name of modules) await changeManifest(all.MODULES_DIR, name, manifest);
      return new HostProcess(root, data, all, await launch(all));
    } catch (error) {
      await remove(root, data);
      throw error;
    }
  }

  get url(): string {
    return this.running.url;
  }

  get modulesDir(): string {
    return join(this.root, 'modules');
  }

  get dataDir(): string {
    return this.data.dataDir;
  }

  /** All that it has written to its output since it was started. */
  get output(): string {
    return this.running.said.join('');
  }

  get pid(): number | undefined {
    return this.running.child.pid;
  }

  /** A request to the admin API, with the token. */
  async admin<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: object,
    more: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number; body: T }> {
    const token = this.env['ADMIN_TOKEN'] ?? (await readFile(join(this.data.dataDir, 'admin-token'), 'utf8')).trim();
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }), ...more },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as T };
  }

  /** Sends SIGTERM. @returns the exit code */
  async terminate(): Promise<number | null> {
    const exited = once(this.running.child, 'exit') as Promise<[number | null]>;
    this.running.child.kill('SIGTERM');
    return (await exited)[0];
  }

  /** Ends the host in mid-step, as a power cut would. */
  async kill(): Promise<void> {
    const exited = once(this.running.child, 'exit');
    this.running.child.kill('SIGKILL');
    await exited;
  }

  /** Ends it the hard way, where it has not ended already. */
  async end(): Promise<void> {
    if (!hasEnded(this.running.child)) await this.kill();
  }

  /** Resolves once the process is gone, for whatever reason. @returns the exit code; null where a signal ended it */
  async ended(): Promise<number | null> {
    const { child } = this.running;
    if (!hasEnded(child)) await once(child, 'exit');
    return child.exitCode;
  }

  /** Starts it again on its folders, after it has ended; with other variables where they are given. */
  async restart(env: Readonly<Record<string, string>> = {}): Promise<void> {
    this.running = await launch({ ...this.env, ...env });
  }

  /** Stops the host as an operator would, and removes its folders. */
  async dispose(): Promise<void> {
    await end(this.running.child);
    await remove(this.root, this.data);
  }
}

interface RunningHost {
  readonly child: ChildProcess;
  readonly url: string;
  /** Its output, in pieces. */
  readonly said: readonly string[];
}

/** Resolves once the host is ready. */
async function launch(env: Readonly<Record<string, string>>): Promise<RunningHost> {
  const port = await freePort();
  const child = spawn(process.execPath, [COMPILED_HOST], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, PORT: String(port), ...env },
  });
  const url = `http://127.0.0.1:${port}`;
  const said: string[] = [];
  const listen = (chunk: Buffer) => void said.push(chunk.toString());
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  try {
    await untilReady(url, child, said);
    return { child, url, said };
  } catch (error) {
    await end(child);
    throw error;
  }
}

/** @throws with the host's own words where it ends before it is ready. */
async function untilReady(url: string, child: ChildProcess, said: readonly string[]): Promise<void> {
  while (!(await isReady(url))) {
    if (hasEnded(child)) throw new Error(`the host ended before it was ready:\n${said.join('')}`);
    await sleep(50);
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready`)).ok;
  } catch (error) {
    if (hasErrorCode((error as Error).cause, 'ECONNREFUSED')) return false; // nobody listens yet
    throw error;
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await exited;
  clearTimeout(timer);
}

async function remove(root: string, data: TestPlace): Promise<void> {
  await rm(root, { recursive: true, force: true });
  await data.remove();
}
