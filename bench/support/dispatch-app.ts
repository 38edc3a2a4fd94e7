import 'reflect-metadata';
import { Controller, Get, Global, Module, Param } from '@nestjs/common';
import { type HttpServer } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NoopGraphInspector } from '@nestjs/core/inspector/noop-graph-inspector.js';
import { RoutesResolver } from '@nestjs/core/router/routes-resolver.js';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { scopedSurface } from '../../src/composition/scoped-surface.js';
import { CircuitModule } from '../../src/circuit/index.js';
import { HostFence } from '../../src/cluster/host-fence.js';
import { ConfigModule, readConfig } from '../../src/config/index.js';
import {
  FENCE,
  Generation,
  MODULE_STATE_READER,
  moduleRoutePrefix,
  type Release,
  type RouteEntry,
} from '../../src/kernel/index.js';
import { RoutingCapability, RoutingModule } from '../../src/routing/index.js';

/** The one controller that is served three ways. */
@Controller('bench')
export class BenchController {
  @Get('greet/:who')
  greet(@Param('who') who: string): { greeting: string } {
    return { greeting: `Hello, ${who}!` };
  }
}

@Module({ controllers: [BenchController] })
class BenchModule {}

/** Errors count, which they do not by default: it is the dearest way to run. */
const config = readConfig({ QUARANTINE_ERROR_PERCENT: '50' });
const fence = new HostFence(
  config.hostTtlMs,
  () => performance.now(),
  async () => undefined,
  console.error,
);

@Global()
@Module({ providers: [{ provide: FENCE, useValue: fence }], exports: [FENCE] })
class FenceModule {}

@Module({
  imports: [ConfigModule.forRoot(config), CircuitModule, FenceModule, RoutingModule, BenchModule],
  providers: [{ provide: MODULE_STATE_READER, useValue: { stateOf: () => undefined } }],
})
class DispatchAppModule {}

export interface DispatchApp {
  readonly app: NestFastifyApplication;
  /** Serves the controller as the module `name`. */
  readonly dock: (name: string) => void;
}

/** A host of routing and the nets that a request passes, and the controller registered statically beside. */
export async function createDispatchApp(): Promise<DispatchApp> {
  const app = await NestFactory.create<NestFastifyApplication>(DispatchAppModule, new FastifyAdapter(), {
    logger: ['warn', 'error'],
  });
  fence.start();
  const fastify = app.getHttpAdapter().getInstance();
  fastify.get<{ Params: { who: string } }>('/bare/greet/:who', async ({ params }) => ({
    greeting: `Hello, ${params.who}!`,
  }));
  const routing = app.get(RoutingCapability);
  return {
    app,
    dock(name) {
      const release = { name, version: '1.0.0', folder: `/${name}`, digest: '', manifest: {} } as unknown as Release;
      const generation = new Generation(release, 1);
      const routes = controllerRoutes(app, moduleRoutePrefix(name));
      generation.provide('requests', scopedSurface({ routes }, generation.scope));
      void routing.attach(generation);
      routing.serve(generation);
    },
  };
}

type ResolverArguments = ConstructorParameters<typeof RoutesResolver>;

interface NestInternals {
  readonly container: ResolverArguments[0];
  readonly config: ResolverArguments[1];
  readonly injector: ResolverArguments[2];
}

/** Nest's own handlers of the controller, as docking gets them. */
function controllerRoutes(app: NestFastifyApplication, prefix: string): RouteEntry[] {
  const { container, config, injector } = app as unknown as NestInternals;
  const resolver = new RoutesResolver(container, config, injector, NoopGraphInspector);
  const routes: RouteEntry[] = [];
  for (const module of container.getModules().values()) {
    if (module.metatype !== BenchModule) continue;
    resolver.registerRouters(module.controllers, module.token, prefix, '', app.getHttpAdapter() as HttpServer, {
      deferRegistration: true,
      onRouteResolved: ({ path, handler }) =>
        routes.push({
          method: 'GET',
          path,
          handler: handler,
          source: 'BenchController.greet',
        }),
    });
  }
  return routes;
}
