import middie from '@fastify/middie/lib/engine.js';
import { type HttpServer, type INestApplication, Injectable, type LoggerService, type Type } from '@nestjs/common';
import {
  type ApplicationConfig,
  LazyModuleLoader,
  MetadataScanner,
  type ModulesContainer,
  ModuleRef,
  type NestContainer,
} from '@nestjs/core';
import { DiscoverableMetaHostCollection } from '@nestjs/core/discovery/discoverable-meta-host-collection.js';
import {
  type DependenciesScanner,
  type Injector,
  InstanceLoader,
  type InstanceWrapper,
  type Module,
  type ModuleDefinition,
  type ModuleOverride,
  NoopGraphInspector,
  STATIC_CONTEXT,
} from '@nestjs/core/internal';
import { TopologyTree } from '@nestjs/core/injector/topology-tree/topology-tree.js';
import { MiddlewareContainer } from '@nestjs/core/middleware/container.js';
import { MiddlewareModule } from '@nestjs/core/middleware/middleware-module.js';
import { type ResolvedRoute } from '@nestjs/core/router/interfaces/resolved-route.interface.js';
import { RoutesResolver } from '@nestjs/core/router/routes-resolver.js';
import {
  FASTIFY_ROUTE_CONFIG_METADATA,
  FASTIFY_ROUTE_CONSTRAINTS_METADATA,
  FASTIFY_ROUTE_SCHEMA_METADATA,
} from '@nestjs/platform-fastify/constants.js';
import { ScheduleExplorer } from '@nestjs/schedule';
import { type OpenAPIObject } from '@nestjs/swagger';
import { type FastifyInstance } from 'fastify';

/*
 * Everything that Nestdock uses of Nest beyond its public API stands here. Nest's version is pinned exactly;
 * `nest-internals.spec.ts` names each assumption, so that an upgrade that breaks one fails there and says which.
 */

export {
  type Injector,
  type InstanceWrapper,
  type Module as NestModuleRef,
  type ModuleDefinition,
  type ModuleOverride,
} from '@nestjs/core/internal';
export { type NestContainer } from '@nestjs/core';
export { getMediaTypeVersion } from '@nestjs/platform-fastify/adapters/utils/get-media-type-version.util.js';
export { type ResolvedRoute } from '@nestjs/core/router/interfaces/resolved-route.interface.js';

/** Where the scanner keeps an `APP_GUARD`, `APP_PIPE`, `APP_INTERCEPTOR` or `APP_FILTER` until the application starts. */
export interface ApplicationEnhancer {
  readonly type: string;
  readonly moduleKey: string;
  readonly providerKey: string;
  readonly scope?: number;
}

interface LoaderParts {
  readonly dependenciesScanner: DependenciesScanner;
  readonly instanceLoader: { readonly injector: Injector };
}

interface ScannerParts {
  readonly container: NestContainer;
  readonly applicationProvidersApplyMap: ApplicationEnhancer[];
  readonly metadataScanner: MetadataScanner;
  addScopedEnhancersMetadata(): void;
  applyApplicationProviders(): void;
}

interface ContainerParts {
  readonly globalModules: Set<Module>;
  bindGlobalModuleToModule(target: Module, globalModule: Module): void;
}

interface InstanceLoaderParts {
  createPrototypes(modules: ReadonlyMap<string, Module>): void;
  createInstances(modules: ReadonlyMap<string, Module>): Promise<void>;
}

interface LogHolder {
  logger: LoggerService;
}

/** The path matching of the Fastify adapter, as it serves static routes with it. */
export interface AdapterPaths {
  /** undefined where find-my-way reads the path as path-to-regexp does. */
  createRouteParamsMatcher(url: string): ((request: { raw: unknown }) => boolean) | undefined;
}

export type RawMiddleware = (request: object, response: object, next: (error?: unknown) => void) => unknown;

/** An instance with lifecycle hooks, and how deep in the dependencies of its module it stands. */
export interface HookTarget {
  readonly instance: object;
  readonly level: number;
}

/** What a scan put into the container. */
export interface ScannedModules {
  readonly root: Module;
  readonly inserted: readonly Module[];
  readonly enhancers: readonly ApplicationEnhancer[];
}

/** Named as the explorer of `@nestjs/schedule` hands its finds to the orchestrator. */
export interface ScheduleRecorder {
  addCron(run: () => void, options: { name?: string } & Record<string, unknown>): void;
  addInterval(run: () => void, ms: number, name?: string): void;
  addTimeout(run: () => void, ms: number, name?: string): void;
}

/** What `@ApiExcludeController()` of `@nestjs/swagger` writes. */
export const UNDOCUMENTED = { key: 'swagger/apiExcludeController', value: [true] } as const;

export const ROUTE_METADATA = {
  config: FASTIFY_ROUTE_CONFIG_METADATA,
  constraints: FASTIFY_ROUTE_CONSTRAINTS_METADATA,
  schema: FASTIFY_ROUTE_SCHEMA_METADATA,
} as const;

const ignore = (): void => undefined;
const SILENT: LoggerService = {
  log: ignore,
  error: ignore,
  warn: ignore,
  debug: ignore,
  verbose: ignore,
  fatal: ignore,
};

@Injectable()
export class NestInternals {
  readonly #scanner: DependenciesScanner;
  readonly #scannerParts: ScannerParts;
  readonly #instances: InstanceLoaderParts;
  readonly container: NestContainer;
  readonly injector: Injector;
  /** Imports that a module has only because a docked global module was bound to it. */
  readonly #boundGlobals = new WeakMap<Module, Set<Module>>();

  constructor(loader: LazyModuleLoader) {
    const { dependenciesScanner, instanceLoader } = loader as unknown as LoaderParts;
    this.#scanner = dependenciesScanner;
    this.#scannerParts = dependenciesScanner as unknown as ScannerParts;
    this.container = this.#scannerParts.container;
    this.injector = instanceLoader.injector;
    this.#instances = new InstanceLoader(
      this.container,
      this.injector,
      NoopGraphInspector,
      SILENT,
    ) as unknown as InstanceLoaderParts;
  }

  get hostConfig(): ApplicationConfig {
    return this.container.applicationConfig as ApplicationConfig;
  }

  get httpAdapter(): HttpServer & AdapterPaths {
    return this.container.getHttpAdapterRef() as unknown as HttpServer & AdapterPaths;
  }

  /**
   * Registers a module and all it imports, makes its prototypes, and takes its application-wide enhancers and
   * global modules out of the host's reach. One scan at a time: the scanner and the container are shared.
   */
  async scan(definition: ModuleDefinition, overrides: ModuleOverride[]): Promise<ScannedModules> {
    const inserted: Module[] = [];
    const pending = this.#scannerParts.applicationProvidersApplyMap;
    const foreign = pending.length;
    try {
      const found = await this.#scanner.scanForModules({
        moduleDefinition: definition,
        overrides,
        lazy: true,
        insertedModules: inserted,
      });
      this.#confineGlobals(inserted);
      const registered = [...toMap(inserted).values()]; // an override takes the place of a module inserted before
      await this.#scanner.scanModulesForDependencies(toMap(registered));
      return { root: found[0] as Module, inserted: registered, enhancers: pending.splice(foreign) };
    } catch (error) {
      pending.splice(foreign);
      this.container.removeModules(inserted);
      throw error;
    }
  }

  createPrototypes(modules: readonly Module[]): void {
    this.#instances.createPrototypes(toMap(modules));
  }

  createInstances(module: Module): Promise<void> {
    return this.#instances.createInstances(toMap([module]));
  }

  /** Does what Nest does at start with `APP_GUARD` and the like, for these enhancers, modules and configuration alone. */
  enhancersOf(enhancers: readonly ApplicationEnhancer[], view: NestContainer, config: ApplicationConfig) {
    const scanner = Object.create(this.#scanner, {
      applicationProvidersApplyMap: { value: enhancers },
      applicationConfig: { value: config },
      container: { value: view },
    }) as ScannerParts;
    return {
      /** Before instances are made: controllers must know that they depend on scoped enhancers. */
      announceScoped: () => scanner.addScopedEnhancersMetadata(),
      apply: () => scanner.applyApplicationProviders(),
    };
  }

  /** The host's own request-scoped and transient enhancers. */
  hostScopedEnhancers(): InstanceWrapper[] {
    const config = this.hostConfig;
    return [
      ...config.getGlobalRequestGuards(),
      ...config.getGlobalRequestPipes(),
      ...config.getGlobalRequestInterceptors(),
      ...config.getGlobalRequestFilters(),
    ] as InstanceWrapper[];
  }

  /** The container as one generation sees it: its own modules only, found even after they were removed. */
  view(modules: readonly Module[], adapter: HttpServer = this.httpAdapter): NestContainer {
    const own = Object.assign(toMap(modules), { applicationId: this.#modules.applicationId });
    return Object.create(this.container, {
      getModules: { value: () => own },
      getModuleByKey: { value: (key: string) => own.get(key) },
      getHttpAdapterRef: { value: () => adapter },
    }) as NestContainer;
  }

  /** The modules that one imports, without the docked global modules of others. */
  importsOf(module: Module): Module[] {
    const bound = this.#boundGlobals.get(module);
    return [...module.imports].filter((imported) => !bound?.has(imported));
  }

  /** The tokens that whatever stands in the modules asks to have injected. */
  askedTokens(modules: readonly Module[]): unknown[] {
    return modules.flatMap((module) => {
      const collections = [module.providers, module.controllers, module.injectables, module.middlewares];
      const wrappers = collections.flatMap((collection) => [...(collection.values() as Iterable<InstanceWrapper>)]);
      return wrappers.flatMap((wrapper) => this.#tokensOf(wrapper));
    });
  }

  /** How deep each module stands below the root, which has depth 1. */
  depths(root: Module): Map<Module, number> {
    const depths = new Map<Module, number>();
    new TopologyTree(root).walk((module, depth) => depths.set(module, depth));
    return depths;
  }

  /** The instances whose hooks Nest would call, the module's own class last. Placeholders are left out. */
  hookTargets(module: Module): { readonly providers: HookTarget[]; readonly moduleClass: object | undefined } {
    const [own, ...providers] = module.getNonAliasProviders();
    const collections = [module.controllers, module.injectables, module.middlewares, new Map(providers)];
    const wrappers = collections.flatMap((collection) => [...(collection.values() as Iterable<InstanceWrapper>)]);
    return {
      providers: wrappers.flatMap((wrapper) =>
        constructedInstances(wrapper).map((instance) => ({ instance, level: wrapper.hierarchyLevel })),
      ),
      moduleClass: own && constructedInstances(own[1])[0],
    };
  }

  /** What stands in these modules and is made already: providers, controllers and the like, and the modules' classes. */
  instancesOf(modules: readonly Module[]): object[] {
    return modules.flatMap((module) => {
      const { providers, moduleClass } = this.hookTargets(module);
      return [...providers.map(({ instance }) => instance), ...(moduleClass ? [moduleClass] : [])];
    });
  }

  routes(
    module: Module,
    view: NestContainer,
    config: ApplicationConfig,
    adapter: HttpServer,
    isWanted: (controller: unknown) => boolean,
    onRoute: (route: ResolvedRoute) => void,
  ): void {
    const resolver = new RoutesResolver(view, config, this.injector, NoopGraphInspector);
    const parts = resolver as unknown as LogHolder & {
      routerExplorer: LogHolder;
      getModulePathMetadata(metatype: unknown): string;
    };
    parts.logger = parts.routerExplorer.logger = SILENT;
    resolver.registerRouters(
      new Map([...module.controllers].filter(([, { metatype }]) => isWanted(metatype))),
      module.token,
      config.getGlobalPrefix(),
      parts.getModulePathMetadata(module.metatype),
      adapter,
      { deferRegistration: true, onRouteResolved: onRoute },
    );
  }

  /** The OpenAPI document of the controllers in a view of the container. */
  async describe(
    view: NestContainer,
    config: ApplicationConfig,
    base: Omit<OpenAPIObject, 'paths'>,
  ): Promise<OpenAPIObject> {
    const { SwaggerModule } = await import('@nestjs/swagger');
    const application = { container: view, config, getHttpAdapter: () => this.httpAdapter };
    return SwaggerModule.createDocument(application as unknown as INestApplication, base, {
      autoTagControllers: false,
    });
  }

  /**
   * Runs what the modules' `configure(consumer)` apply, through the adapter's own matching and middie's own engine;
   * undefined where they apply none.
   */
  async middleware(view: NestContainer, config: ApplicationConfig): Promise<RawMiddleware | undefined> {
    const fastify = this.httpAdapter.getInstance() as FastifyInstance;
    const { routerOptions } = fastify.initialConfig;
    const engine = middie((error, _request, _response, next) => next(error), { ...routerOptions });
    let count = 0;
    const use = (path: string, run: RawMiddleware): void => {
      engine.use(path, run);
      count++;
    };
    const adapter = Object.create(this.httpAdapter, {
      instance: { value: Object.create(fastify, { use: { value: use } }) as FastifyInstance },
      isMiddieRegistered: { value: true },
      middieContexts: { value: [] },
    }) as HttpServer;
    const container = new MiddlewareContainer(view);
    const middleware = new MiddlewareModule();
    await middleware.register(container, view, config, this.injector, adapter, NoopGraphInspector, {});
    await middleware.registerMiddleware(container, adapter);
    return count === 0 ? undefined : (request, response, next) => engine.run(request, response, next);
  }

  /** Hands `@Cron`, `@Interval` and `@Timeout` of the modules to the recorder; nothing where the host has no scheduler. */
  exploreSchedules(modules: readonly Module[], recorder: ScheduleRecorder): void {
    const explorer = this.hostProvider(ScheduleExplorer);
    if (!explorer) return;
    const confined = Object.create(explorer, {
      metadataScanner: { value: new MetadataScanner() },
      schedulerOrchestrator: { value: recorder },
      discoveryService: {
        value: {
          getControllers: () => modules.flatMap((module) => [...module.controllers.values()]),
          getProviders: () => modules.flatMap((module) => [...module.providers.values()]),
        },
      },
    }) as ScheduleExplorer;
    confined.explore();
  }

  /** Takes modules out of the container and of every cache of Nest that still knows them. */
  remove(modules: readonly Module[]): void {
    this.container.removeModules(modules);
    for (const module of this.#modules.values()) forgetLinks(module.getProviderByKey(ModuleRef)?.instance);
    for (const collection of metaCollections(this.#modules)) {
      for (const [key, wrappers] of collection) if (wrappers.size === 0) collection.delete(key);
    }
  }

  /**
   * Makes the caches of Nest that are keyed by class or prototype hold them weakly: in place, and once.
   * They are never iterated, so nothing else changes.
   */
  weakenCaches(): void {
    const statics = DiscoverableMetaHostCollection as unknown as { metaHostLinks: WeakMap<object, unknown> };
    statics.metaHostLinks = toWeak(statics.metaHostLinks);
    const scanners = [...this.#modules.values()].map((module) => module.getProviderByKey(MetadataScanner)?.instance);
    for (const scanner of [this.#scannerParts.metadataScanner, ...scanners]) {
      if (!(scanner instanceof MetadataScanner)) continue;
      const parts = scanner as unknown as { cachedScannedPrototypes: WeakMap<object, unknown> };
      parts.cachedScannedPrototypes = toWeak(parts.cachedScannedPrototypes);
    }
  }

  #tokensOf({ metatype, inject }: InstanceWrapper): unknown[] {
    if (inject) return inject.map((asked) => (isObject(asked) && 'token' in asked ? asked.token : asked));
    if (typeof metatype !== 'function') return [];
    const parameters: unknown[] = this.injector.reflectConstructorParams(metatype);
    const properties = this.injector.reflectProperties(metatype as Type);
    return [...parameters, ...properties.map(({ name }) => name as unknown)];
  }

  get #modules(): ModulesContainer {
    return this.container.getModules();
  }

  /** A docked `@Global()` module is global among the modules that came with it, and nowhere else. */
  #confineGlobals(inserted: readonly Module[]): void {
    const { globalModules } = this.container as unknown as ContainerParts;
    for (const globalModule of inserted.filter((module) => module.isGlobal)) {
      globalModules.delete(globalModule);
      for (const target of inserted) {
        if (target === globalModule) continue;
        (this.container as unknown as ContainerParts).bindGlobalModuleToModule(target, globalModule);
        const bound = this.#boundGlobals.get(target) ?? new Set();
        this.#boundGlobals.set(target, bound.add(globalModule));
      }
    }
  }

  /** undefined where the host has none. */
  hostProvider<T>(type: new (...args: never[]) => T): T | undefined {
    for (const module of this.#modules.values()) {
      const instance: unknown = module.providers.get(type)?.instance;
      if (instance instanceof type) return instance;
    }
    return undefined;
  }
}

function toMap(modules: readonly Module[]): Map<string, Module> {
  return new Map(modules.map((module) => [module.token, module]));
}

function constructedInstances(wrapper: InstanceWrapper): object[] {
  if (!wrapper.isDependencyTreeStatic()) return [];
  const hosts = wrapper.isTransient
    ? wrapper.getStaticTransientInstances()
    : [wrapper.getInstanceByContextId(STATIC_CONTEXT)];
  return hosts.flatMap((host) => (host?.isResolved && isObject(host.instance) ? [host.instance] : []));
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** `ModuleRef.get()` that is not strict keeps links to every provider of the host; they are made anew when asked. */
export function forgetLinks(resolver: unknown): void {
  if (isObject(resolver) && '_instanceLinksHost' in resolver) resolver._instanceLinksHost = undefined;
}

function metaCollections(modules: ModulesContainer): Map<string, Set<InstanceWrapper>>[] {
  const { providersByMetaKey, controllersByMetaKey } = DiscoverableMetaHostCollection as unknown as Record<
    'providersByMetaKey' | 'controllersByMetaKey',
    WeakMap<ModulesContainer, Map<string, Set<InstanceWrapper>>>
  >;
  return [providersByMetaKey, controllersByMetaKey].flatMap((collections) => collections.get(modules) ?? []);
}

function toWeak<V>(cache: WeakMap<object, V> | Map<object, V>): WeakMap<object, V> {
  return cache instanceof Map ? new WeakMap(cache) : cache;
}
