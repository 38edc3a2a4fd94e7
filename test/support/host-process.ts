import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
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
    private readonly root: string,
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start({ modules = [], env = {} }: HostProcessOptions = {}): Promise<HostProcess> {
    const root = await mkdtemp(join(tmpdir(), 'nestdock-'));
    await copyModules(modules, join(root, 'modules'));
    const child = spawn(process.execPath, ['--import', './scripts/typescript-loader.js', 'src/main.ts'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        PORT: '0',
        DATA_DIR: join(root, 'data'),
        MODULES_DIR: join(root, 'modules'),
        ...env,
      },
    });
    try {
      const url = await listeningAt(child);
      await untilReady(url);
      return new HostProcess(root, child, url);
    } catch (error) {
      await end(child, root);
      throw error;
    }
  }

  /** A request to the admin API, with the token. */
  async admin(method: string, path: string): Promise<{ status: number; body: Record<string, unknown> }> {
    const token = (await readFile(join(this.root, 'data', 'admin-token'), 'utf8')).trim();
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${this.url}/api/v1${path}`, { method, headers });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** Stops the host as an operator would, and removes its folders. */
  dispose(): Promise<void> {
    return end(this.child, this.root);
  }
}

/** @throws with the host's own words where it ends before it listens. */
async function listeningAt(child: ChildProcess): Promise<string> {
  if (!child.stdout || !child.stderr) throw new Error('the host has no output');
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  for await (const line of createInterface(child.stdout)) {
    said.push(line);
    const { msg, url } = JSON.parse(line) as { msg?: string; url?: string };
    if (msg !== 'Listening' || url === undefined) continue;
    child.stdout.resume();
    return url;
  }
  throw new Error(`the host ended before it listened:\n${said.join('\n')}`);
}

async function untilReady(url: string): Promise<void> {
  while (!(await fetch(`${url}/health/ready`)).ok) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function end(child: ChildProcess, root: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }
  await rm(root, { recursive: true, force: true });
}
