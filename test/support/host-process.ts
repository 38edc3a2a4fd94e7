import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasErrorCode } from '../../src/common/error-code.js';
import { makeDataDir, type TestPlace } from './database.js';
import { copyModules } from './modules.js';

const ROOT = join(import.meta.dirname, '..', '..');

export interface HostProcessOptions {
  readonly modules?: readonly string[];
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
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start({ modules = [], env = {} }: HostProcessOptions = {}): Promise<HostProcess> {
    const root = await mkdtemp(join(tmpdir(), 'nestdock-'));
    await copyModules(modules, join(root, 'modules'));
    const data = await makeDataDir();
    const port = await freePort();
    const child = spawn(process.execPath, ['--import', './scripts/typescript-loader.js', 'src/main.ts'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        PORT: String(port),
        DATA_DIR: data.dataDir,
        MODULES_DIR: join(root, 'modules'),
        ...env,
      },
    });
    try {
      const url = `http://127.0.0.1:${port}`;
      await untilReady(url, child);
      return new HostProcess(root, data, child, url);
    } catch (error) {
      await end(child, root, data);
      throw error;
    }
  }

  get modulesDir(): string {
    return join(this.root, 'modules');
  }

  /** A request to the admin API, with the token. */
  async admin(method: string, path: string): Promise<{ status: number; body: Record<string, unknown> }> {
    const token = (await readFile(join(this.data.dataDir, 'admin-token'), 'utf8')).trim();
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${this.url}/api/v1${path}`, { method, headers });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  get dataDir(): string {
    return this.data.dataDir;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Sends SIGTERM. @returns the exit code */
  async terminate(): Promise<number | null> {
    const exited = once(this.child, 'exit') as Promise<[number | null]>;
    this.child.kill('SIGTERM');
    return (await exited)[0];
  }

  /** Stops the host as an operator would, and removes its folders. */
  dispose(): Promise<void> {
    return end(this.child, this.root, this.data);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** @throws with the host's own words where it ends before it is ready. */
async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const said: string[] = [];
  const listen = (chunk: Buffer) => void said.push(chunk.toString());
  child.stdout?.on('data', listen);
  child.stderr?.on('data', listen);
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

async function end(child: ChildProcess, root: string, data: TestPlace): Promise<void> {
  if (!hasEnded(child)) {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }
  await rm(root, { recursive: true, force: true });
  await data.remove();
}
