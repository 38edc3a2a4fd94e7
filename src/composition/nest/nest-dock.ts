import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Injectable,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
  type ValueProvider,
  type VersioningOptions,
} from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { withDeadline } from '../../common/deadline.js';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { LOGGER, type Logger } from '../../common/logging/logger.js';
import { Mutex } from '../../common/mutex.js';
import { toError } from '../../common/to-error.js';
import { HOST_CONFIG, type HostConfig } from '../../config/index.js';
import { abortable } from '../abortable.js';
import { refuseOwnDataSource } from '../data-bindings.js';
import {
  type ModuleOverride,
  type RawMiddleware,
  NestInternals,
  type NestModuleRef,
  type ScannedModules,
} from '../nest-internals.js';
import { DockedTree } from './docked-tree.js';
import { HeldModule } from './held-module.js';
import { START_HOOKS, STOP_HOOKS, type StopHook } from './lifecycle-hooks.js';
import { ModuleConfig } from './module-config.js';
import { settleImports } from './settle-imports.js';

export interface DockRequest {
  readonly name: string;
  /** A fresh object for each load: Nest knows modules by it. */
  readonly definition: DynamicModule;
  /** Where the module's routes live, such as `/api/v1/m/hello`. */
  readonly prefix: string;
  readonly versioning?: VersioningOptions;
  /** Injectable in every module of the tree, ahead of what the host offers under the same token. */
  readonly bindings: readonly ValueProvider[];
  /** Further bindings, for the tokens that the modules of the tree ask for; what it throws ends the load. */
  readonly answer?: (tokens: readonly unknown[]) => readonly ValueProvider[];
  /** Aborts where the load is given up. */
  readonly expired: AbortSignal;
}

/** Stands for the `ScheduleModule.forRoot()` of a docked module, which would schedule the whole host a second time. */
class HostScheduling {}

/**
 * Puts modules into the running host's Nest container and takes them out again.
 *
 * Scans run one at a time, as they share Nest's scanner; making instances and running hooks does not wait for another
 * load. A module that several loads import is held once and leaves with its last owner. Where a load fails or is
 * given up, it leaves the container at once.
 */
@Injectable()
export class NestDock implements OnModuleInit, OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #scans = new Mutex();
  readonly #held = new Map<NestModuleRef, HeldModule>();
  readonly #trees = new Set<DockedTree>();

  constructor(
    private readonly nest: NestInternals,
    @Inject(HOST_CONFIG) private readonly host: Pick<HostConfig, 'drainTimeoutMs'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.nest.weakenCaches();
  }

  onModuleDestroy(): Promise<void> {
    return this.#stopAll('onModuleDestroy');
  }

  beforeApplicationShutdown(signal?: string): Promise<void> {
    return this.#stopAll('beforeApplicationShutdown', signal);
  }

  onApplicationShutdown(signal?: string): Promise<void> {
    return this.#stopAll('onApplicationShutdown', signal);
  }

  /**
   * Registers the module and makes its instances; its hooks have not run yet.
   * @throws COMPOSITION_FAILED where Nest refuses it. Nothing of it is left then.
   */
  async dock(request: DockRequest): Promise<DockedTree> {
    try {
      const imports = await abortable(settleImports(request.definition), request.expired);
      refuseOwnDataSource(request.name, imports);
      const overrides = overridesFor(imports);
      const tree = await this.#register(request, overrides);
      try {
        await abortable(Promise.all(tree.modules.map((held) => held.build())), request.expired);
        this.nest.enhancersOf(tree.enhancers, tree.view, tree.config).apply();
        return tree;
      } catch (error) {
        this.#report(tree, await this.undock(tree));
        throw error;
      }
    } catch (error) {
      throw asCompositionFailure(request, error);
    }
  }

  /**
   * The middleware that the modules of a tree apply to their routes; undefined where there is none.
   * @throws COMPOSITION_FAILED where `configure()` fails; the caller undocks the tree then.
   */
  async middlewareOf(tree: DockedTree, expired: AbortSignal): Promise<RawMiddleware | undefined> {
    try {
      return await abortable(this.nest.middleware(tree.view, tree.config), expired);
    } catch (error) {
      throw asCompositionFailure({ name: tree.name, expired }, error);
    }
  }

  /** @throws HOOK_FAILED; the caller undocks the tree then. */
  async start(tree: DockedTree, expired: AbortSignal): Promise<void> {
    for (const hook of START_HOOKS) {
      for (const held of tree.modules) await abortable(held.start(hook), expired);
    }
  }

  /**
   * Runs the hooks that Nest runs at the end, within the host's drain deadline, and takes the tree out.
   * @returns what failed; the tree is out all the same.
   */
  async undock(tree: DockedTree): Promise<Error[]> {
    this.#trees.delete(tree);
    const gone = await this.#scans.run(() => this.#disown(tree));
    const failures = await this.#stop(gone);
    await this.#scans.run(() => {
      for (const held of gone) this.#held.delete(held.module);
      this.nest.remove(gone.map(({ module }) => module));
    });
    for (const held of gone) held.endRemoval();
    return failures;
  }

  async #register(request: DockRequest, overrides: ModuleOverride[]): Promise<DockedTree> {
    for (;;) {
      request.expired.throwIfAborted();
      const outcome = await this.#scans.run(async () => {
        const scanned = await this.nest.scan(request.definition, overrides);
        const modules = this.#closure(scanned);
        const leaving = modules.flatMap((module) => this.#held.get(module)?.removal ?? []);
        if (leaving.length === 0) return this.#admit(request, scanned, modules);
        this.nest.remove(scanned.inserted);
        return leaving;
      });
      if (outcome instanceof DockedTree) return outcome;
      await abortable(Promise.all(outcome), request.expired); // a module it shares is just being removed
    }
  }

  #admit(request: DockRequest, { root, inserted, enhancers }: ScannedModules, modules: NestModuleRef[]): DockedTree {
    try {
      const answers = request.answer?.(this.nest.askedTokens(inserted)) ?? [];
      this.#bind([...request.bindings, ...answers], inserted);
      this.nest.createPrototypes(inserted);
      const shared = modules.flatMap((module) => this.#held.get(module)?.enhancers ?? []);
      for (const module of inserted) {
        const own = enhancers.filter(({ moduleKey }) => moduleKey === module.token);
        this.#held.set(module, new HeldModule(module, this.nest, own));
      }
      const config = new ModuleConfig(this.nest.hostConfig, request.prefix, request.versioning);
      const tree = new DockedTree(
        request.name,
        root,
        this.#inStartingOrder(root, inserted, modules),
        [...enhancers, ...shared],
        config,
        this.nest.view(modules),
      );
      this.#announceScopedEnhancers(tree, inserted);
      for (const held of tree.modules) held.owners.add(tree);
      this.#trees.add(tree);
      return tree;
    } catch (error) {
      for (const module of inserted) this.#held.delete(module);
      this.nest.remove(inserted);
      throw error;
    }
  }

  #bind(bindings: readonly ValueProvider[], modules: readonly NestModuleRef[]): void {
    for (const module of modules) {
      for (const binding of bindings) {
        if (!module.providers.has(binding.provide)) this.nest.container.addProvider(binding, module.token);
      }
    }
  }

  #announceScopedEnhancers(tree: DockedTree, inserted: readonly NestModuleRef[]): void {
    this.nest.enhancersOf(tree.enhancers, tree.view, tree.config).announceScoped();
    const controllers = inserted.flatMap((module) => [...module.controllers.values()]);
    for (const enhancer of this.nest.hostScopedEnhancers()) {
      for (const controller of controllers) controller.addEnhancerMetadata(enhancer);
    }
  }

  /** What was inserted, and what it imports of modules docked before; the host's own are not among them. */
  #closure({ inserted }: ScannedModules): NestModuleRef[] {
    const closure = new Set(inserted);
    for (const module of closure) {
      for (const imported of this.nest.importsOf(module)) if (this.#held.has(imported)) closure.add(imported);
    }
    return [...closure];
  }

  #inStartingOrder(root: NestModuleRef, inserted: readonly NestModuleRef[], modules: NestModuleRef[]): HeldModule[] {
    const depths = this.nest.depths(root);
    for (const module of inserted) if (!module.isGlobal) module.distance = depths.get(module) ?? 1;
    const order = (module: NestModuleRef) => (module.isGlobal ? Infinity : (depths.get(module) ?? 1));
    return modules
      .toSorted((a, b) => (order(a) === order(b) ? 0 : order(b) - order(a)))
      .map((module) => this.#held.get(module) as HeldModule);
  }

  /** @returns the modules that nobody owns any more, in the order of stopping. */
  #disown(tree: DockedTree): HeldModule[] {
    const gone = tree.modules.filter(({ owners }) => owners.delete(tree) && owners.size === 0);
    for (const held of gone) held.beginRemoval();
    return gone.reverse();
  }

  async #stop(gone: readonly HeldModule[]): Promise<Error[]> {
    const stopping = this.#runStopHooks(gone);
    if (!(await isSettled(Promise.allSettled(gone.map(({ built }) => built))))) return []; // goes on by itself
    const ms = this.host.drainTimeoutMs;
    const late = () => new NestdockError('HOOK_FAILED', `hooks took over ${ms} ms to stop`);
    return withDeadline(stopping, ms, late).catch((error: unknown) => [toError(error)]);
  }

  async #runStopHooks(modules: readonly HeldModule[]): Promise<Error[]> {
    await Promise.allSettled(modules.map(({ built }) => built));
    const failures: Error[] = [];
    for (const hook of STOP_HOOKS) {
      for (const held of modules) failures.push(...(await held.stop(hook)));
    }
    return failures;
  }

  async #stopAll(hook: StopHook, signal?: string): Promise<void> {
    for (const tree of [...this.#trees].reverse()) {
      for (const held of tree.modules.toReversed()) this.#report(tree, await held.stop(hook, signal));
    }
  }

  #report(tree: DockedTree, failures: readonly Error[]): void {
    for (const err of failures) this.logger.error({ module: tree.name, err }, err.message);
  }
}

function overridesFor(imports: readonly DynamicModule[]): ModuleOverride[] {
  return imports
    .filter(({ module }) => module === ScheduleModule)
    .map((moduleToReplace) => ({ moduleToReplace, newModule: { module: HostScheduling } }));
}

async function isSettled(work: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  const tick = new Promise((resolve) => setImmediate(resolve, pending));
  return (await Promise.race([work, tick])) !== pending;
}

function asCompositionFailure({ name, expired }: Pick<DockRequest, 'name' | 'expired'>, error: unknown): unknown {
  if (error instanceof NestdockError || expired.aborted) return error;
  const [reason] = toError(error).message.split('\n');
  return new NestdockError('COMPOSITION_FAILED', `Nest cannot compose ${name}: ${reason}`, { cause: error });
}
