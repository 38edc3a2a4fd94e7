import { Inject, Injectable } from '@nestjs/common';
import { HOST_CONFIG, type HostConfig } from '../config/index.js';
import { withDeadline } from '../common/deadline.js';
import { describeProblem } from '../common/errors/describe-problem.js';
import { codedError, failureProblem } from '../common/errors/failure-problem.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { Semaphore } from '../common/semaphore.js';
import {
  CAPABILITIES,
  type Capability,
  EVENT_BUS,
  type EventBus,
  type Generation,
  type ModuleState,
  type ModuleStateReader,
  type Release,
  RELEASE_BUILDER,
  type ReleaseBuilder,
} from '../kernel/index.js';
import { type Module } from '../persistence/index.js';
import { BackOff } from './back-off.js';
import { DockedModule } from './docked-module.js';
import { type LoaderStats, loaderStats } from './loader-stats.js';
import { type StateChange } from './module-lifecycle.js';
import { ModuleRecords } from './module-records.js';
import { ModuleTransactions } from './module-transactions.js';
import { moduleView, type ModuleView } from './module-view.js';

/** How many modules are built and attached at once when the host starts. */
const PARALLEL_LOADS = 8;

/**
 * Loads, reloads and unloads modules on this host, and keeps the database's word on them. Operations on one module
 * are queued, those on different modules run side by side, and the same call twice at once is one operation.
 */
@Injectable()
export class ModuleLoaderService implements ModuleStateReader {
  readonly #modules = new Map<string, DockedModule>();
  readonly #backOff = new BackOff();
  #started = false;
  #stopping = false;

  constructor(
    private readonly records: ModuleRecords,
    private readonly transactions: ModuleTransactions,
    @Inject(CAPABILITIES) private readonly capabilities: readonly Capability[],
    @Inject(RELEASE_BUILDER) private readonly releases: ReleaseBuilder,
    @Inject(EVENT_BUS) private readonly events: EventBus,
    @Inject(HOST_CONFIG) private readonly config: HostConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** True once every enabled module was tried, and until the host stops. */
  get isReady(): boolean {
    return this.#started && !this.#stopping;
  }

  get isStopping(): boolean {
    return this.#stopping;
  }

  /**
   * Enables a module. A module that serves already is left as it is.
   * @throws what the load failed with; nothing of the module is left then, and its status is `REGISTERED`.
   */
  loadModule(name: string): Promise<ModuleView> {
    return this.#operate(name, 'enable', async (docked) => {
      const row = await this.records.get(name);
      if (docked.lifecycle.state !== 'active') await this.#enable(docked, row);
      return this.#view(name);
    });
  }

  /** Disables a module: resolves once its requests have drained and nothing of it is left. */
  unloadModule(name: string): Promise<ModuleView> {
    return this.#operate(name, 'disable', async (docked) => {
      await this.records.get(name);
      this.#backOff.clear(name);
      await this.transactions.disable(name);
      if (docked.lifecycle.state !== 'idle') await this.#takeDown(docked);
      return this.#view(name);
    });
  }

  /**
   * Loads the module's folder as it is now beside the generation that serves, and swaps them.
   * @throws what the load failed with; the old generation goes on serving, and `serving` names it.
   */
  reloadModule(name: string): Promise<ModuleView> {
    return this.#operate(name, 'reload', async (docked) => {
      const row = await this.records.get(name);
      if (row.status !== 'ENABLED') {
        throw new NestdockError('MODULE_NOT_ENABLED', `${name} is ${row.status} and cannot be reloaded`);
      }
      await this.#reload(docked, row);
      return this.#view(name);
    });
  }

  /** Loads every module whose status is `ENABLED`. Resolves once each was tried; one that fails is tried again later. */
  async loadEnabledModules(): Promise<void> {
    const rows = await this.records.all('ENABLED');
    this.logger.info(rows.length > 0 ? 'Loading enabled modules...' : 'No enabled modules to load');
    const places = new Semaphore(PARALLEL_LOADS);
    const outcomes = await Promise.all(rows.map((row) => this.#loadAgain(row.name, places)));
    this.#started = true;
    if (rows.length === 0) return;
    const loaded = outcomes.filter(Boolean).length;
    this.logger.info({ loaded, failed: rows.length - loaded }, 'Enabled modules loaded');
  }

  getLoadedModule(name: string): Generation | undefined {
    return this.#modules.get(name)?.lifecycle.serving;
  }

  getLoadedModules(): Generation[] {
    return [...this.#modules.values()].flatMap(({ lifecycle }) => lifecycle.serving ?? []);
  }

  isModuleLoaded(name: string): boolean {
    return this.getLoadedModule(name) !== undefined;
  }

  getStats(): LoaderStats {
    return loaderStats([...this.#modules.values()].map(({ lifecycle }) => lifecycle));
  }

  /** Until every enabled module was tried, any module may be one that is about to be loaded. */
  stateOf(name: string): ModuleState | undefined {
    const lifecycle = this.#modules.get(name)?.lifecycle;
    if (lifecycle?.isRestarting) return 'loading';
    return this.#started ? lifecycle?.state : (lifecycle?.state ?? 'loading');
  }

  view(row: Module): ModuleView {
    return moduleView(row, this.#modules.get(row.name)?.lifecycle);
  }

  /** Waits for the operations on a module, then runs one that touches its row only. */
  exclusively<T>(name: string, kind: string, operation: () => Promise<T>): Promise<T> {
    return this.#operate(name, kind, operation);
  }

  /** Drops what this host knows of a module that is not loaded. */
  forget(name: string): void {
    this.#backOff.clear(name);
    this.#modules.delete(name);
  }

  /** Takes every module down, draining each; the database is left as it is. New operations are refused. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#backOff.clearAll();
    await Promise.all(
      [...this.#modules.values()].map((docked) =>
        docked.operations.run('stop', async () => {
          if (docked.lifecycle.state !== 'idle') await this.#takeDown(docked);
        }),
      ),
    );
  }

  async #enable({ lifecycle }: DockedModule, row: Module): Promise<void> {
    this.#backOff.clear(row.name);
    if (row.error?.code === 'MODULE_NAME_CONFLICT') {
      throw new NestdockError('MODULE_NAME_CONFLICT', row.error.detail, { extensions: { folders: row.error.folders } });
    }
    try {
      await lifecycle.load(() => this.#build(row), this.transactions.enable, 'idle');
    } catch (thrown) {
      throw await this.#recordFailure(row.name, thrown, 'REGISTERED');
    }
  }

  async #reload({ lifecycle }: DockedModule, row: Module): Promise<void> {
    try {
      if (lifecycle.state !== 'active')
        await lifecycle.load(() => this.#build(row), this.transactions.enable, 'failed');
      else await this.#replace(lifecycle, row);
      this.#backOff.clear(row.name);
    } catch (thrown) {
      if (lifecycle.state === 'failed') this.#retryLater(row.name);
      throw await this.#recordFailure(row.name, thrown);
    }
  }

  async #replace(lifecycle: DockedModule['lifecycle'], row: Module): Promise<void> {
    const next = await this.#build(row);
    const prepare = () => Promise.resolve(next);
    if (next.manifest.reload === 'stop-start') await lifecycle.restart(prepare, this.transactions.enable);
    else await lifecycle.replace(prepare, this.transactions.enable);
  }

  /** @returns whether the module serves now. */
  async #loadAgain(name: string, places: Semaphore): Promise<boolean> {
    return this.#operate(name, 'load', async ({ lifecycle }) => {
      const row = await this.records.find(name);
      if (row?.status !== 'ENABLED' || lifecycle.state === 'active') return lifecycle.state === 'active';
      let leave: (() => void) | undefined;
      const prepare = async () => {
        leave = await places.acquire();
        return this.#build(row);
      };
      try {
        await lifecycle.load(prepare, this.transactions.enable, 'failed');
        this.#backOff.clear(name);
        return true;
      } catch (thrown) {
        await this.#recordFailure(name, thrown);
        this.#retryLater(name);
        return false;
      } finally {
        leave?.();
      }
    });
  }

  #retryLater(name: string): void {
    if (this.#stopping) return;
    this.#backOff.schedule(name, () => {
      this.#loadAgain(name, new Semaphore(1)).catch((error: unknown) => {
        this.logger.error({ module: name, err: error }, 'trying again to load the module failed');
        this.#retryLater(name);
      });
    });
  }

  #build(row: Module): Promise<Release> {
    const { loadTimeoutMs } = this.config;
    const late = () => new NestdockError('LOAD_TIMEOUT', `building ${row.name} took over ${loadTimeoutMs} ms`);
    return withDeadline(this.releases.build(row.path), loadTimeoutMs, late).then((release) => {
      if (release.name === row.name) return release;
      throw new NestdockError('MODULE_RENAMED', `the manifest in ${row.path} names "${release.name}" now`);
    });
  }

  async #takeDown({ lifecycle }: DockedModule): Promise<void> {
    try {
      await lifecycle.unload();
    } catch (thrown) {
      const problem = failureProblem(codedError(thrown, 'UNLOAD_INCOMPLETE'));
      this.logger.error({ module: lifecycle.name, err: thrown }, problem.title);
      await this.records.fail(lifecycle.name, problem);
    }
  }

  async #recordFailure(name: string, thrown: unknown, status?: 'REGISTERED'): Promise<NestdockError> {
    const error = codedError(thrown, 'MODULE_LOAD_FAILED');
    const problem = failureProblem(error);
    this.logger.error({ module: name, code: error.code }, describeProblem(problem));
    await this.records.fail(name, problem, status);
    const serving = this.getLoadedModule(name);
    if (!serving) return error;
    return new NestdockError(error.code, error.message, {
      cause: error,
      problems: error.problems,
      extensions: { ...error.extensions, serving: { version: serving.release.version, generation: serving.number } },
    });
  }

  async #view(name: string): Promise<ModuleView> {
    return this.view(await this.records.get(name));
  }

  #operate<T>(name: string, kind: string, operation: (docked: DockedModule) => Promise<T>): Promise<T> {
    if (this.#stopping) return Promise.reject(new NestdockError('HOST_STOPPING', 'the host takes no more operations'));
    const docked = this.#modules.get(name) ?? this.#dock(name);
    return docked.operations.run(kind, () => this.#known(docked, operation(docked)));
  }

  /** A name that nobody has registered leaves no trace here. */
  async #known<T>({ lifecycle }: DockedModule, outcome: Promise<T>): Promise<T> {
    try {
      return await outcome;
    } catch (error) {
      if (error instanceof NestdockError && error.code === 'MODULE_NOT_FOUND') this.forget(lifecycle.name);
      throw error;
    }
  }

  #dock(name: string): DockedModule {
    const { loadTimeoutMs, drainTimeoutMs } = this.config;
    const docked = new DockedModule(name, {
      capabilities: this.capabilities,
      deadlines: { loadTimeoutMs, drainTimeoutMs },
      onChange: (change) => this.#onChange(change),
      onLateFailure: (module, error) => this.logger.warn({ module, err: error }, 'a step that was given up has failed'),
    });
    this.#modules.set(name, docked);
    return docked;
  }

  #onChange({ module, from, to }: StateChange): void {
    this.logger.info({ module, from, to }, `${module} is ${to}`);
    this.events.publish('module.state', { module, from, to });
  }
}
