import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { BundlingModule, CodeCapability, StackTraceMapper, TracesCapability } from '../../src/bundling/index.js';
import { type Undo } from '../../src/common/undo-stack.js';
import { ConfigModule, readConfig } from '../../src/config/index.js';
import {
  Generation,
  type ModuleCode,
  RELEASE_BUILDER,
  type Release,
  type ReleaseBuilder,
} from '../../src/kernel/index.js';

/** Files by path from the module's folder; what is not text is written as JSON. */
export type ModuleFiles = Readonly<Record<string, unknown>>;

export interface LoadedCode {
  readonly code: ModuleCode;
  readonly release: Release;
  readonly undo: Undo;
}

/** The part of a host that makes releases of folders and runs their code, on folders of its own. */
export class BundlingHost {
  #generations = 0;

  private constructor(
    private readonly app: INestApplicationContext,
    /** Real path; holds `data` and `modules`. */
    readonly root: string,
  ) {}

  static async start(env: Readonly<Record<string, string>> = {}): Promise<BundlingHost> {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'nestdock-bundling-')));
    await mkdir(join(root, 'modules'));
    const config = readConfig({ DATA_DIR: join(root, 'data'), MODULES_DIR: join(root, 'modules'), ...env });
    const host = { module: BundlingModule, imports: [ConfigModule.forRoot(config)] };
    return new BundlingHost(
      await NestFactory.createApplicationContext(host, { logger: false, abortOnError: false }),
      root,
    );
  }

  get builder(): ReleaseBuilder {
    return this.app.get<ReleaseBuilder>(RELEASE_BUILDER);
  }

  get stackTraces(): StackTraceMapper {
    return this.app.get(StackTraceMapper);
  }

  folder(name: string): string {
    return join(this.root, 'modules', name);
  }

  /** @returns the module's folder; files already there are written over. */
  async write(
    name: string,
    files: ModuleFiles,
    manifest: Readonly<Record<string, unknown>> = { entry: './src/index.ts' },
  ): Promise<string> {
    const required = { name, version: '1.0.0', displayName: name, description: 'For a test', author: 'Nestdock' };
    const all = { 'manifest.json': { ...required, ...manifest }, ...files };
    await Promise.all(
      Object.entries(all).map(([path, content]) => writeContent(join(this.folder(name), path), content)),
    );
    return this.folder(name);
  }

  async load(folder: string): Promise<LoadedCode> {
    const release = await this.builder.build(folder);
    const generation = new Generation(release, ++this.#generations);
    generation.provide('surroundings', { globals: {}, required: (_specifier, original) => original });
    const forgetTraces = this.app.get(TracesCapability).attach(generation);
    const undo = await this.app.get(CodeCapability).attach(generation);
    return { code: generation.part('code'), release, undo: () => (undo(), forgetTraces()) };
  }

  async stop(): Promise<void> {
    await this.app.close();
    await rm(this.root, { recursive: true });
  }
}

export async function writeContent(path: string, content: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
}
