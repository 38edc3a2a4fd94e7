import { Inject, Injectable } from '@nestjs/common';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { HOST_CONFIG, type HostConfig } from '../config/index.js';
import { attachGeneration, CAPABILITIES, type Capability, Generation, type Release } from '../kernel/index.js';
import { DockedModules } from './docked-modules.js';
import { ModuleRecords } from './module-records.js';
import { ModuleReleases } from './module-releases.js';

/** Generations are counted from 1: this one never serves. */
const UNSERVED = 0;

/** Work on a module that is done while it does not serve, with parts of it attached. */
@Injectable()
export class ModuleMaintenance {
  constructor(
    private readonly docked: DockedModules,
    private readonly records: ModuleRecords,
    private readonly releases: ModuleReleases,
    @Inject(CAPABILITIES) private readonly capabilities: readonly Capability[],
    @Inject(HOST_CONFIG) private readonly config: HostConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * What the next load would load; where the folder cannot be read as a release, what serves.
   * @throws MODULE_NOT_FOUND; where nothing serves, what is wrong with the folder
   */
  async release(name: string): Promise<Release> {
    const row = await this.records.get(name);
    try {
      return await this.releases.read(row);
    } catch (error) {
      const serving = this.docked.serving(name);
      if (!serving) throw error;
      return serving.release;
    }
  }

  /**
   * Attaches some capabilities to the release in the module's folder, lets work be done with them, and takes them back.
   * Other operations on the module wait.
   * @param operation names it: the same call twice at once is one
   * @param parts names of capabilities; they are attached in the usual order
   * @throws MODULE_NOT_FOUND, MODULE_ENABLED
   */
  whileDisabled<T>(
    name: string,
    operation: string,
    parts: readonly string[],
    work: (generation: Generation) => Promise<T>,
  ): Promise<T> {
    return this.docked.run(name, operation, async () => {
      const row = await this.records.get(name);
      if (row.status === 'ENABLED') throw new NestdockError('MODULE_ENABLED', `${name} is enabled`);
      const generation = new Generation(await this.releases.read(row), UNSERVED);
      const capabilities = this.capabilities.filter((capability) => parts.includes(capability.name));
      const loaded = await attachGeneration(generation, capabilities, this.config, (error) => this.#warn(name, error));
      try {
        return await work(generation);
      } finally {
        for (const failure of await loaded.discard()) this.#warn(name, failure);
      }
    });
  }

  #warn(module: string, err: unknown): void {
    this.logger.warn({ module, err }, 'a part that was attached for maintenance could not be taken back');
  }
}
