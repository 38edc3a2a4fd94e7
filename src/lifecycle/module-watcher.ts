import { Inject, Injectable } from '@nestjs/common';
import { type FSWatcher, watch } from 'chokidar';
import { HOST_CONFIG, type HostConfig } from '../config/index.js';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { isBelow } from './discovery.js';
import { ModuleLoaderService } from './module-loader.service.js';
import { ModuleRecords } from './module-records.js';
import { ModuleRegistryService } from './module-registry.service.js';

/** Editors save in several steps: this many milliseconds after the last one, the module is reloaded. */
const SETTLE_MS = 30;

const IGNORED = /(^|[\\/])(node_modules|\.[^\\/]+)([\\/]|$)/;

/** For development: reloads a module as soon as a file in its folder changes, and finds new folders. */
@Injectable()
export class ModuleWatcher {
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #reloading = new Set<string>();
  #watcher: FSWatcher | undefined;

  constructor(
    private readonly records: ModuleRecords,
    private readonly loader: ModuleLoaderService,
    private readonly registry: ModuleRegistryService,
    @Inject(HOST_CONFIG) private readonly config: HostConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    const { modulesDir } = this.config;
    const elsewhere = (await this.records.all()).map(({ path }) => path).filter((path) => !isBelow(modulesDir, path));
    const watcher = watch([modulesDir, ...elsewhere], {
      ignoreInitial: true,
      ignored: (path) => IGNORED.test(path.slice(modulesDir.length)),
    });
    this.#watcher = watcher;
    watcher.on('all', (_event, path) => void this.#changed(path));
    await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
    this.logger.info({ modulesDir }, 'Watching modules for changes');
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    await this.#watcher?.close();
  }

  async #changed(path: string): Promise<void> {
    try {
      const owner = (await this.records.all()).find((row) => path === row.path || isBelow(row.path, path));
      if (owner?.status === 'ENABLED') this.#settle(owner.name, () => this.#reload(owner.name));
      else this.#settle('', () => this.registry.scan());
    } catch (error) {
      this.logger.error({ err: error }, 'a change of a module could not be followed');
    }
  }

  #settle(key: string, act: () => Promise<unknown>): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.set(
      key,
      setTimeout(() => {
        this.#timers.delete(key);
        act().catch((error: unknown) =>
          this.logger.error({ err: error }, 'a change of a module could not be followed'),
        );
      }, SETTLE_MS),
    );
  }

  /** A change during a reload may have come too late for it: then the module is reloaded once more. */
  async #reload(name: string): Promise<void> {
    if (this.#reloading.has(name)) return this.#settle(name, () => this.#reload(name));
    this.#reloading.add(name);
    // A failure is logged by the loader and kept with the module; the old code goes on.
    const done = (message: string) => {
      this.#reloading.delete(name);
      this.logger.info({ module: name }, message);
    };
    await this.loader.reloadModule(name).then(
      ({ generation }) => done(`${name} was reloaded, generation ${generation}`),
      () => done(`${name} goes on with the code it had`),
    );
  }
}
