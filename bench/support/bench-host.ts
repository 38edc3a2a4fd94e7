import 'reflect-metadata';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import { readConfig } from '../../src/config/index.js';
import { createHost, type Host } from '../../src/host.js';

export const BENCH_TOKEN = 'a-token-for-benches-only-0123456789';

/** Files of a module, by their path in its folder. */
export type ModuleFiles = Readonly<Record<string, string>>;

/** A folder with data and modules of its own, and the host that runs on it. */
export class BenchHost {
  #host: Host | undefined;

  private constructor(private readonly root: string) {}

  static async create(): Promise<BenchHost> {
    return new BenchHost(await mkdtemp(join(tmpdir(), 'nestdock-bench-')));
  }

  get host(): Host {
    if (!this.#host) throw new Error('the host is stopped');
    return this.#host;
  }

  async write(module: string, files: ModuleFiles): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.root, 'modules', module, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
  }

  async open(env: Readonly<Record<string, string>> = {}): Promise<Host> {
    const host = await this.compose(env);
    await host.start();
    return host;
  }

  /** One that does not listen yet. */
  async compose(env: Readonly<Record<string, string>> = {}): Promise<Host> {
    const config = readConfig({
      PORT: '0',
      DATA_DIR: join(this.root, 'data'),
      MODULES_DIR: join(this.root, 'modules'),
      ADMIN_TOKEN: BENCH_TOKEN,
      SECRET_KEY: 'a-key-for-benches-only-0123456789abcdef',
      ...env,
    });
    return (this.#host = await createHost(config, pino({ level: 'warn' })));
  }

  async stop(): Promise<void> {
    await this.#host?.stop();
    this.#host = undefined;
  }

  async dispose(): Promise<void> {
    await this.stop();
    await rm(this.root, { recursive: true, force: true });
  }
}
