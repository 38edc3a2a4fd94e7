import { Inject, Injectable } from '@nestjs/common';
import { HOST_CONFIG, type HostConfig } from '../config/index.js';
import { withDeadline } from '../common/deadline.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { CAPABILITIES, type Capability, type Release, RELEASE_BUILDER, type ReleaseBuilder } from '../kernel/index.js';
import { type Module } from '../persistence/index.js';

/** Makes the release that a module's folder holds now, and has all capabilities look at it before anything runs. */
@Injectable()
export class ModuleReleases {
  constructor(
    @Inject(RELEASE_BUILDER) private readonly builder: ReleaseBuilder,
    @Inject(CAPABILITIES) private readonly capabilities: readonly Capability[],
    @Inject(HOST_CONFIG) private readonly config: HostConfig,
  ) {}

  /** @throws LOAD_TIMEOUT, MODULE_RENAMED, and what the builder and the capabilities find wrong. */
  async build(row: Pick<Module, 'name' | 'path'>): Promise<Release> {
    const release = await this.read(row);
    for (const capability of this.capabilities) await capability.check?.(release);
    return release;
  }

  /** Drops what is kept of earlier builds of a module. */
  forget({ path }: Pick<Module, 'path'>): Promise<void> {
    return this.builder.forget(path);
  }

  /** Drops what is kept of the builds of all modules but these. */
  keepOnly(modules: readonly Pick<Module, 'path'>[]): Promise<void> {
    return this.builder.keepOnly(modules.map(({ path }) => path));
  }

  /** Without asking the capabilities. @throws LOAD_TIMEOUT, MODULE_RENAMED, and what the builder finds wrong. */
  async read({ name, path }: Pick<Module, 'name' | 'path'>): Promise<Release> {
    const { loadTimeoutMs } = this.config;
    const late = () => new NestdockError('LOAD_TIMEOUT', `building ${name} took over ${loadTimeoutMs} ms`);
    const release = await withDeadline(this.builder.build(path), loadTimeoutMs, late);
    if (release.name !== name) {
      throw new NestdockError('MODULE_RENAMED', `the manifest in ${path} names "${release.name}" now`);
    }
    return release;
  }
}
