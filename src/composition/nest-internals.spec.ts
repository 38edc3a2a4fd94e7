import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Inject, Injectable, Module } from '@nestjs/common';
import {
  APP_GUARD,
  ApplicationConfig,
  LazyModuleLoader,
  MetadataScanner,
  ModuleRef,
  ModulesContainer,
  NestContainer,
} from '@nestjs/core';
import { DiscoverableMetaHostCollection } from '@nestjs/core/discovery/discoverable-meta-host-collection.js';
import { DependenciesScanner, Injector, InstanceLoader, NoopGraphInspector } from '@nestjs/core/internal';
import { MiddlewareModule } from '@nestjs/core/middleware/middleware-module.js';
import { RoutesResolver } from '@nestjs/core/router/routes-resolver.js';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ScheduleExplorer } from '@nestjs/schedule';
import { ApiExcludeController } from '@nestjs/swagger';
import { UNDOCUMENTED } from './nest-internals.js';
import { TestHost } from './spec-support/test-host.js';

/** Each test is one thing that `nest-internals.ts` takes for granted of Nest and that Nest does not promise. */
describe('of Nest, nest-internals.ts assumes that', () => {
  let host: TestHost;
  let loader: Record<string, unknown>;
  let scanner: Record<string, unknown>;
  beforeAll(async () => {
    host = await TestHost.start();
    loader = host.app.get<unknown>(LazyModuleLoader) as Record<string, unknown>;
    scanner = loader.dependenciesScanner as Record<string, unknown>;
  });
  afterAll(() => host.stop());

  it('LazyModuleLoader has the scanner and the instance loader of the application', () => {
    expect(scanner).toBeInstanceOf(DependenciesScanner);
    expect(loader.instanceLoader).toBeInstanceOf(InstanceLoader);
    expect((loader.instanceLoader as { injector: unknown }).injector).toBeInstanceOf(Injector);
  });

  it('the scanner has the container, its metadata scanner and the list of application-wide enhancers', () => {
    expect(scanner.container).toBeInstanceOf(NestContainer);
    expect((scanner.container as NestContainer).getModules()).toBe(host.app.get(ModulesContainer));
    expect(scanner.metadataScanner).toBeInstanceOf(MetadataScanner);
    expect(scanner.applicationProvidersApplyMap).toEqual([]);
  });

  it('a scan appends enhancers as { type, moduleKey, providerKey, scope }, and inserted modules in order, root first', async () => {
    @Injectable()
    class Guard {
      canActivate = () => true;
    }
    class Inner {}
    class Outer {}
    Module({ providers: [{ provide: APP_GUARD, useClass: Guard }] })(Inner);
    Module({ imports: [Inner] })(Outer);
    const { container } = scanner as unknown as { container: NestContainer };
    const scan = scanner as unknown as DependenciesScanner;
    const insertedModules: NonNullable<Parameters<DependenciesScanner['scanForModules']>[0]['insertedModules']> = [];
    const found = await scan.scanForModules({ moduleDefinition: { module: Outer }, lazy: true, insertedModules });
    await scan.scanModulesForDependencies(new Map(insertedModules.map((module) => [module.token, module])));
    const enhancers = (scanner.applicationProvidersApplyMap as object[]).splice(0);
    container.removeModules(insertedModules);
    expect(found[0]?.metatype).toBe(Outer);
    expect(insertedModules.map(({ metatype }) => metatype)).toEqual([Outer, Inner]);
    expect(enhancers).toEqual([
      { type: APP_GUARD, moduleKey: insertedModules[1]?.token, providerKey: expect.any(String), scope: undefined },
    ]);
  });

  it('the injector tells what a class asks for, and a property by `name`; a factory has it in `inject`', () => {
    class Asking {
      property: unknown;
      constructor(readonly parameter: unknown) {}
    }
    Inject('PARAMETER')(Asking, undefined, 0);
    Inject('PROPERTY')(Asking.prototype, 'property');
    const { injector } = loader.instanceLoader as { injector: Injector };
    expect(injector.reflectConstructorParams(Asking)).toEqual(['PARAMETER']);
    expect(injector.reflectProperties(Asking)).toEqual([expect.objectContaining({ name: 'PROPERTY' })]);
  });

  it.each([
    ['scanForModules', DependenciesScanner],
    ['scanModulesForDependencies', DependenciesScanner],
    ['addScopedEnhancersMetadata', DependenciesScanner],
    ['applyApplicationProviders', DependenciesScanner],
    ['createPrototypes', InstanceLoader],
    ['reflectConstructorParams', Injector],
    ['reflectProperties', Injector],
    ['createInstances', InstanceLoader],
    ['bindGlobalModuleToModule', NestContainer],
    ['removeModules', NestContainer],
    ['addProvider', NestContainer],
    ['getModuleByKey', NestContainer],
    ['registerRouters', RoutesResolver],
    ['getModulePathMetadata', RoutesResolver],
    ['register', MiddlewareModule],
    ['registerMiddleware', MiddlewareModule],
    ['explore', ScheduleExplorer],
    ['createMiddlewareFactory', FastifyAdapter],
    ['createRouteParamsMatcher', FastifyAdapter],
  ])('there is a method %s of %p', (name, owner) => {
    expect(owner.prototype).toHaveProperty(name, expect.any(Function));
  });

  it('the container keeps global modules in a set', () => {
    expect((scanner.container as { globalModules?: unknown }).globalModules).toBeInstanceOf(Set);
  });

  it('the routes resolver and its explorer log through a field, and the explorer reports routes that it does not register', () => {
    const resolver = new RoutesResolver(
      scanner.container as NestContainer,
      new ApplicationConfig(),
      new Injector(),
      NoopGraphInspector,
    ) as unknown as { logger: unknown; routerExplorer: { logger: unknown; applyCallbackToRouter: unknown } };
    expect(resolver.logger).toHaveProperty('log');
    expect(resolver.routerExplorer.logger).toHaveProperty('log');
    const source = String(resolver.routerExplorer.applyCallbackToRouter);
    expect(source).toContain('deferRegistration');
    expect(source).toContain('onRouteResolved');
  });

  it('the schedule explorer looks only at what its discovery service, metadata scanner and orchestrator give it', () => {
    const explorer = [...host.app.get(ModulesContainer).values()]
      .map((module) => module.providers.get(ScheduleExplorer)?.instance as object | undefined)
      .find(Boolean);
    for (const field of ['discoveryService', 'metadataScanner', 'schedulerOrchestrator']) {
      expect(explorer).toHaveProperty(field);
    }
  });

  it('ModuleRef caches its links in _instanceLinksHost, and makes them anew', () => {
    const ref = host.app.get<unknown>(ModuleRef) as { _instanceLinksHost?: unknown; instanceLinksHost: unknown };
    const first = ref.instanceLinksHost;
    expect(ref._instanceLinksHost).toBe(first);
    ref._instanceLinksHost = undefined;
    expect(ref.instanceLinksHost).not.toBe(first);
  });

  it('the adapter matches middleware through its fields instance, isMiddieRegistered and middieContexts', () => {
    const source = String(Reflect.get(FastifyAdapter.prototype, 'createMiddlewareFactory'));
    for (const field of ['this.instance.use(', 'this.isMiddieRegistered', 'this.middieContexts']) {
      expect(source).toContain(field);
    }
  });

  describe('the caches it holds weakly', () => {
    it('are only asked for one key at a time', () => {
      const collection = String(DiscoverableMetaHostCollection);
      const scannerClass = String(MetadataScanner);
      const uses = (source: string, field: string) => [...source.matchAll(new RegExp(`${field}\\s*\\.(\\w+)`, 'g'))];
      for (const [, method] of uses(collection, 'metaHostLinks')) expect(['get', 'set', 'has']).toContain(method);
      for (const [, method] of uses(scannerClass, 'cachedScannedPrototypes')) {
        expect(['get', 'set', 'has']).toContain(method);
      }
      expect(uses(collection, 'metaHostLinks').length).toBeGreaterThan(0);
      expect(uses(scannerClass, 'cachedScannedPrototypes').length).toBeGreaterThan(0);
    });

    it('are weak once the host runs', () => {
      const statics = DiscoverableMetaHostCollection as unknown as { metaHostLinks: unknown };
      const own = scanner.metadataScanner as { cachedScannedPrototypes?: unknown };
      expect([statics.metaHostLinks, own.cachedScannedPrototypes]).toEqual([expect.any(WeakMap), expect.any(WeakMap)]);
    });

    it('and the collections by metadata key are maps of sets, found by the modules container', async () => {
      const { providersByMetaKey, controllersByMetaKey } = DiscoverableMetaHostCollection as unknown as Record<
        string,
        unknown
      >;
      expect([providersByMetaKey, controllersByMetaKey]).toEqual([expect.any(WeakMap), expect.any(WeakMap)]);
    });
  });

  it('a module still finds what it was built with after it was removed', async () => {
    @Controller('c')
    class Routed {
      @Get()
      get() {
        return 1;
      }
    }
    class Entry {}
    Module({ controllers: [Routed] })(Entry);
    const loaded = await host.load('routed', { entry: Entry });
    const [route] = loaded.generation.part('requests').routes;
    await loaded.unload();
    expect(route).toMatchObject({ path: '/api/v1/m/routed/c', source: 'Routed.get' });
  });

  it('@ApiExcludeController() writes one key', () => {
    class Hidden {}
    ApiExcludeController()(Hidden);
    expect(Reflect.getMetadata(UNDOCUMENTED.key, Hidden)).toEqual(UNDOCUMENTED.value);
  });
});
