import { Inject, Injectable } from '@nestjs/common';
import { HOST_CONFIG, type HostConfig } from '../config/index.js';
import { withDeadline } from '../common/deadline.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import {
  CAPABILITIES,
  type Capability,
  type Release,
  RELEASE_BUILDER,
  RELEASE_STORE,
  type ReleaseBuilder,
  type ReleaseStore,
} from '../kernel/index.js';
import { type Module } from '../persistence/index.js';

type EnabledRow = Pick<Module, 'name' | 'path' | 'release'>;

/** Makes the release that a module's folder holds now, or finds the one that was enabled, and has all capabilities look at it before anything runs. */
@Injectable()
export class ModuleReleases {
  constructor(
    @Inject(RELEASE_BUILDER) private readonly builder: ReleaseBuilder,
    @Inject(RELEASE_STORE) private readonly store: ReleaseStore,
    @Inject(CAPABILITIES) private readonly capabilities: readonly Capability[],
    @Inject(HOST_CONFIG) private readonly config: HostConfig,
  ) {}

  /** @throws LOAD_TIMEOUT, MODULE_RENAMED, and what the builder and the capabilities find wrong. */
  async build(row: Pick<Module, 'name' | 'path'>): Promise<Release> {
    return this.#checked(await this.read(row));
  }

  /** What the folder holds now; where this host has no such folder, the release that was enabled last. */
  async buildOrFind(row: EnabledRow): Promise<Release> {
    try {
      return await this.build(row);
    } catch (error) {
      const isMissing = error instanceof NestdockError && error.code === 'MODULE_FOLDER_MISSING';
      const kept = isMissing && row.release ? await this.store.find(row.release, row.path) : undefined;
      if (!kept) throw error;
      return this.#checked(kept);
    }
  }

  /**
   * What an enabled module is to serve. Where hosts share the database that is the release that was enabled, whatever
   * lies on their disks; a host alone takes its folder as it is.
   */
  async wanted(row: EnabledRow): Promise<Release> {
    if (!this.isShared) return this.buildOrFind(row);
    const kept = row.release ? await this.store.find(row.release, row.path) : undefined;
    return kept ? this.#checked(kept) : this.build(row);
  }

  /** @throws {NestdockError} RELEASE_UNKNOWN, RELEASE_DAMAGED */
  async kept(digest: string, { name, path }: Pick<Module, 'name' | 'path'>): Promise<Release> {
    const release = await this.store.find(digest, path);
    if (!release) throw new NestdockError('RELEASE_UNKNOWN', `no release ${digest} of ${name} is kept`);
    return this.#checked(release);
  }

  /** One that served lately. @param bundle hash of its code @throws {NestdockError} RELEASE_UNKNOWN, RELEASE_DAMAGED */
  async keptBundle(bundle: string, row: Pick<Module, 'name' | 'path'>): Promise<Release> {
    const digest = await this.store.digestOf(row.name, bundle);
    if (!digest)
      throw new NestdockError('RELEASE_UNKNOWN', `no release of ${row.name} with the bundle ${bundle} is kept`);
    return this.kept(digest, row);
  }

  /** Has other hosts, and later starts, find the release. */
  keep(release: Release): Promise<void> {
    return this.store.keep(release);
  }

  /** Whether other hosts may serve the same modules. */
  get isShared(): boolean {
    return this.config.databaseUrl !== undefined;
  }

  /** Drops what is kept of earlier builds of a module. */
  forget({ path }: Pick<Module, 'path'>): Promise<void> {
    return this.builder.forget(path);
  }

  /** Drops what is kept of the builds of all modules but these. */
  keepOnly(modules: readonly Pick<Module, 'path'>[]): Promise<void> {
    return this.builder.keepOnly(modules.map(({ path }) => path));
  }

  async #checked(release: Release): Promise<Release> {
    for (const capability of this.capabilities) await capability.check?.(release);
    return release;
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
