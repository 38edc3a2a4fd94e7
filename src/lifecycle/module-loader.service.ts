import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ModuleIncidents } from '../circuit/index.js';
import { type Problem } from '../common/errors/problem.js';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { Semaphore } from '../common/semaphore.js';
import { ModuleFaults } from '../faults/index.js';
import { type Generation, type Isolation, type ModuleState, type ModuleStateReader } from '../kernel/index.js';
import { type Module } from '../persistence/index.js';
import { LeftBehind, UnloadedCode } from '../resources/index.js';
import { EventLoopHealth, Watchdog } from '../vitals/index.js';
import { stoppingNeeds, toGraph } from './dependency-graph.js';
import { DockedModules } from './docked-modules.js';
import { type HostStats, loaderStats } from './loader-stats.js';
import { LoadJournal } from './load-journal.js';
import { ModuleDependencies } from './module-dependencies.js';
import { ModuleFailures } from './module-failures.js';
import { ModuleFollowing, type OfferedRollout, type RolloutWord } from './module-following.js';
import { type Basis, type Exchange, ModuleOperations } from './module-operations.js';
import { ModuleRecords } from './module-records.js';
import { ModuleTransactions } from './module-transactions.js';
import { moduleView, type ModuleView } from './module-view.js';
import { PARALLEL_LOADS } from './needs-of-modules.js';
import { sideBySide } from './side-by-side.js';
import { stoppingOrder } from './stopping-order.js';

export interface DisableOptions extends Basis {
  /** Also disables all that needs the module. */
  readonly cascade?: boolean;
}

/** How far this host has come with one module. */
export interface ModuleProgress {
  readonly module: string;
  readonly state: ModuleState;
  /** Of the module's row: what it has made true here. */
  readonly revision: number;
  /** Of the row that was last acted on, however that went. */
  readonly seenRevision: number;
  readonly generation: number | null;
  /** Digest of what serves. */
  readonly release: string | null;
  /** What went wrong with it here last. */
  readonly error: Problem | null;
}

/**
 * Loads, reloads and unloads modules on this host, and keeps the database's word on them. Operations on one module
 * are queued, those on different modules run side by side, and the same call twice at once is one operation.
 */
@Injectable()
export class ModuleLoaderService implements ModuleStateReader {
  #started = false;

  constructor(
    private readonly docked: DockedModules,
    private readonly operations: ModuleOperations,
    private readonly following: ModuleFollowing,
    private readonly dependencies: ModuleDependencies,
    private readonly records: ModuleRecords,
    private readonly transactions: ModuleTransactions,
    private readonly failures: ModuleFailures,
    private readonly faults: ModuleFaults,
    private readonly incidents: ModuleIncidents,
    private readonly journal: LoadJournal,
    private readonly eventLoop: EventLoopHealth,
    private readonly watchdog: Watchdog,
    private readonly leftBehind: LeftBehind,
    private readonly unloadedCode: UnloadedCode,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** True once every enabled module was tried, and until the host stops. */
  get isReady(): boolean {
    return this.#started && !this.isStopping;
  }

  /** Whether the host has too little of the processor to answer in time. */
  get isStarved(): boolean {
    return this.eventLoop.isStarved;
  }

  get isStopping(): boolean {
    return this.docked.isClosed;
  }

  /**
   * Enables a module, and before it all registered modules that it needs. One that serves already is left as it is, but
   * where other permissions are granted.
   * @param permissions what is granted of what it asks for
   * @throws what the load failed with; nothing of the module is left then, nor of what was enabled for it, and its
   * status is `REGISTERED`. PERMISSIONS_CHANGED where it asks for more than was decided on. DEPENDENCY_MISSING, DEPENDENCY_VERSION, DEPENDENCY_CYCLE: nothing was begun.
   */
  async loadModule(name: string, permissions?: readonly string[], basis: Exchange = {}): Promise<ModuleView> {
    await this.operations.enable(name, permissions, basis);
    this.operations.keep(name);
    return this.#view(name);
  }

  /**
   * Disables a module: resolves once its requests have drained and nothing of it is left.
   * @throws DEPENDENTS_ENABLED where others need it, and it shall not take them along
   */
  async unloadModule(name: string, { cascade = false, ...basis }: DisableOptions = {}): Promise<ModuleView> {
    if (cascade) await this.#disableAll(name, basis);
    else await this.operations.disable(name, basis);
    return this.#view(name);
  }

  /**
   * Loads the module's folder as it is now beside the generation that serves, and swaps them. What the new manifest
   * needs is enabled first.
   * @throws what the load failed with; the old generation goes on serving, and `serving` names it.
   */
  async reloadModule(name: string, basis: Exchange = {}): Promise<ModuleView> {
    await this.operations.reload(name, basis);
    return this.#view(name);
  }

  /**
   * Goes back to a release that the module served lately, as a reload does.
   * @param bundle hash of its code
   * @throws RELEASE_UNKNOWN, and what a reload fails with
   */
  async rollBackModule(name: string, bundle: string, basis: Exchange = {}): Promise<ModuleView> {
    await this.operations.rollBack(name, bundle, basis);
    return this.#view(name);
  }

  /**
   * Has a module's code run in the host, or in a process of its own; null: where its manifest says.
   * @throws what the load there failed with; then it goes on where it was
   */
  async isolateModule(name: string, isolation: Isolation | null, basis: Exchange = {}): Promise<ModuleView> {
    await this.operations.isolate(name, isolation, basis);
    return this.#view(name);
  }

  /**
   * Loads every module whose status is `ENABLED`, each as soon as those are loaded that it needs. Resolves once each
   * was tried; one that fails is tried again later.
   */
  async loadEnabledModules(): Promise<void> {
    const waits = await this.dependencies.startOrder();
    this.logger.info(waits.size > 0 ? 'Loading enabled modules...' : 'No enabled modules to load');
    this.journal.open();
    if (this.journal.hasSuspects)
      this.logger.warn('The last host died while it loaded modules: they are loaded one after another');
    const places = new Semaphore(this.journal.hasSuspects ? 1 : PARALLEL_LOADS);
    const outcomes = await sideBySide(waits, (name) => this.following.load(name, places));
    this.#started = true;
    if (waits.size === 0) return;
    const results = [...outcomes.values()];
    for (const outcome of results) if (outcome.status === 'rejected') throw outcome.reason;
    const loaded = results.filter((outcome) => outcome.status === 'fulfilled' && outcome.value).length;
    this.logger.info({ loaded, failed: waits.size - loaded }, 'Enabled modules loaded');
  }

  getLoadedModule(name: string): Generation | undefined {
    return this.docked.serving(name);
  }

  getLoadedModules(): Generation[] {
    return this.docked.all().flatMap(({ lifecycle }) => lifecycle.serving ?? []);
  }

  isModuleLoaded(name: string): boolean {
    return this.getLoadedModule(name) !== undefined;
  }

  getStats(): HostStats {
    const { rss, heapUsed } = process.memoryUsage();
    return {
      ...loaderStats(this.docked.all().map(({ lifecycle }) => lifecycle)),
      faults: this.faults.counts(),
      leftBehind: this.leftBehind.counts(),
      leaking: this.unloadedCode.leaking(),
      eventLoop: this.eventLoop.report(),
      memory: { rssBytes: rss, heapUsedBytes: heapUsed },
      blocked: this.watchdog.blocked(),
    };
  }

  /** Until every enabled module was tried, any module may be one that is about to be loaded. */
  stateOf(name: string): ModuleState | undefined {
    const lifecycle = this.docked.get(name)?.lifecycle;
    if (lifecycle?.isRestarting) return 'loading';
    const state = lifecycle?.state;
    return this.#started ? state : state === undefined || state === 'idle' ? 'loading' : state;
  }

  view(row: Module): ModuleView {
    return moduleView(row, this.docked.get(row.name)?.lifecycle, this.incidents.countsOf(row.name));
  }

  /**
   * Makes this host as the database says of these modules by now: what goes down after what needs it, what comes up
   * after what it needs. Resolves once each was tried.
   * @param onFollowed told of each as soon as it was tried
   */
  async follow(names: readonly string[], onFollowed: (name: string) => void): Promise<void> {
    const wish = randomUUID();
    const waits = await this.dependencies.followOrder(names);
    const follow = (name: string) => this.following.follow(name, wish).finally(() => onFollowed(name));
    throwFirst(await sideBySide(waits, follow));
  }

  /** See {@link ModuleFollowing.join}. */
  join(offer: OfferedRollout, word: RolloutWord): Promise<void> {
    return this.following.join(offer, word);
  }

  /** How far this host has come with each module that it knows of. */
  progress(): ModuleProgress[] {
    return this.docked.all().map(({ lifecycle: { name, state, serving }, revision, seenRevision, error }) => ({
      module: name,
      state,
      revision,
      seenRevision,
      generation: serving?.number ?? null,
      release: serving?.release.digest ?? null,
      error,
    }));
  }

  /** Waits for the operations on a module, then runs one that touches its row only. */
  exclusively<T>(name: string, kind: string, operation: () => Promise<T>): Promise<T> {
    return this.docked.run(name, kind, operation);
  }

  /** Drops what this host knows of a module that is not loaded. */
  forget(name: string): void {
    this.operations.forget(name);
  }

  /**
   * Takes every module down, draining each, and those that need others before them; the database is left as it is.
   * New operations are refused.
   */
  async stop(): Promise<void> {
    if (this.isStopping) return;
    this.docked.close();
    this.following.stop();
    const stopOne = (name: string) => this.docked.takeBack(name, 'stop', (docked) => this.failures.takeDown(docked));
    throwFirst(await sideBySide(stoppingOrder(this.docked.all()), stopOne));
  }

  /** One transaction disables them all; then each is taken down once those that need it are gone. */
  async #disableAll(name: string, { revision }: Basis): Promise<void> {
    this.docked.assertOpen();
    const disabled = await this.transactions.disableWithDependents(name, revision);
    throwFirst(await sideBySide(stoppingNeeds(toGraph(disabled)), (module) => this.operations.settle(module)));
  }

  async #view(name: string): Promise<ModuleView> {
    return this.view(await this.records.get(name));
  }
}

function throwFirst(outcomes: ReadonlyMap<string, PromiseSettledResult<unknown>>): void {
  for (const outcome of outcomes.values()) if (outcome.status === 'rejected') throw outcome.reason;
}
