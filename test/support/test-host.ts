import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../../src/common/logging/logger.js';
import { SecretRegistry } from '../../src/common/redaction/secret-registry.js';
import { readConfig } from '../../src/config/index.js';
import { createHost, type Host, type StartOptions } from '../../src/host.js';
import { makeDataDir, type TestPlace } from './database.js';
import { copyModules } from './modules.js';

export const TEST_TOKEN = 'a-token-for-tests-only-0123456789';

export interface TestHostOptions extends StartOptions {
  /** Modules to copy into the host's own `MODULES_DIR`. */
  readonly modules?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** A whole host on a free port, with a data folder and a modules folder of its own. */
export class TestHost {
  /** Lines that the host has logged. */
  readonly log: Record<string, unknown>[] = [];
  #host: Host | undefined;

  private constructor(
    /** Parent of `MODULES_DIR`. */
    private readonly root: string,
    private readonly data: TestPlace & { readonly dataDir: string },
    private readonly options: TestHostOptions,
  ) {}

  static async start(options: TestHostOptions = {}): Promise<TestHost> {
    const root = await mkdtemp(join(tmpdir(), 'nestdock-'));
    const host = new TestHost(root, await makeDataDir(), options);
    await copyModules(options.modules ?? [], host.modulesDir);
    await host.open();
    return host;
  }

  get modulesDir(): string {
    return join(this.root, 'modules');
  }

  get dataDir(): string {
    return this.data.dataDir;
  }

  get app(): Host['app'] {
    return this.#running.app;
  }

  get url(): string {
    return this.#running.url();
  }

  /** Starts the host; again after {@link stop}, on the same folders. */
  async open(): Promise<void> {
    const config = readConfig({
      PORT: '0',
      DATA_DIR: this.dataDir,
      MODULES_DIR: this.modulesDir,
      ADMIN_TOKEN: TEST_TOKEN,
      SECRET_KEY: 'a-key-for-tests-only-0123456789abcdef',
      LOAD_TIMEOUT_MS: '5000',
      ...this.options.env,
    });
    const secrets = new SecretRegistry();
    const sink = { write: (line: string) => void this.log.push(JSON.parse(line) as Record<string, unknown>) };
    this.#host = await createHost(
      config,
      createLogger({ level: 'debug', pretty: false, secrets, destination: sink }),
      secrets,
    );
    await this.#host.start(this.options);
  }

  async stop(): Promise<void> {
    const host = this.#host;
    this.#host = undefined;
    await host?.stop();
  }

  /** Stops the host and removes its folders. */
  async dispose(): Promise<void> {
    await this.stop();
    await rm(this.root, { recursive: true, force: true });
    await this.data.remove();
  }

  /** A request to the admin API, with the token. */
  admin<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    return this.request<T>(method, `/api/v1${path}`, body, { authorization: `Bearer ${TEST_TOKEN}` });
  }

  async request<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<T>> {
    const response = await fetch(this.url + path, {
      method,
      redirect: 'manual',
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as T };
  }

  get #running(): Host {
    if (!this.#host) throw new Error('the host is stopped');
    return this.#host;
  }
}
