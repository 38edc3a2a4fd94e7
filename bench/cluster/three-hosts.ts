import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const TOKEN = 'a-token-for-benches-only';
const HOSTS = 3;
const READY_WITHIN_MS = 60_000;

interface RunningHost {
  readonly url: string;
  readonly process: ChildProcess;
}

/** Three hosts as users run them, on one database, and a module that is changed. */
export class ThreeHosts {
  private constructor(
    private readonly root: string,
    private readonly hosts: readonly RunningHost[],
  ) {}

  static async start(databaseUrl: string): Promise<ThreeHosts> {
    const root = await mkdtemp(join(tmpdir(), 'nestdock-bench-'));
    const hosts: RunningHost[] = [];
    const three = new ThreeHosts(root, hosts);
    await mkdir(join(root, 'modules', 'changing'), { recursive: true });
    try {
      for (let i = 0; i < HOSTS; i++) hosts.push(await launch(root, i, databaseUrl));
      return three;
    } catch (error) {
      await three.dispose();
      throw error;
    }
  }

  async write(version: number): Promise<void> {
    const folder = join(this.root, 'modules', 'changing');
    const manifest = {
      name: 'changing',
      version: '1.0.0',
      displayName: 'Changing',
      description: 'What is changed',
      author: 'Nestdock',
      entry: './index.ts',
      settings: { level: { type: 'number', default: 0 } },
    };
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
    const code = `export default async (app) => { app.get('/', async () => ({ version: ${version} })); };`;
    await writeFile(join(folder, 'index.ts'), code);
  }

  /** @returns milliseconds until it was answered, by one host after the other */
  async call(turn: number, method: string, path: string, body: object = {}): Promise<number> {
    const host = this.hosts[turn % HOSTS] as RunningHost;
    const begin = performance.now();
    const response = await fetch(`${host.url}/api/v1/modules${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return performance.now() - begin;
  }

  async dispose(): Promise<void> {
    for (const { process } of this.hosts) {
      const ended = once(process, 'exit');
      if (process.exitCode === null && process.kill('SIGTERM')) await ended;
    }
    await rm(this.root, { recursive: true, force: true });
  }
}

async function launch(root: string, index: number, databaseUrl: string): Promise<RunningHost> {
  const port = await freePort();
  const child = spawn(process.execPath, ['dist/main.js'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      DATA_DIR: join(root, `data-${index}`),
      MODULES_DIR: join(root, 'modules'),
      ADMIN_TOKEN: TOKEN,
      SECRET_KEY: 'a-key-for-benches-only',
      LOG_LEVEL: 'silent',
    },
  });
  const url = `http://127.0.0.1:${port}`;
  const end = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const isReady = await fetch(`${url}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return { url, process: child };
    if (performance.now() > end) throw new Error(`a host was not ready within ${READY_WITHIN_MS} ms`);
    await sleep(100);
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
