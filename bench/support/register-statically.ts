import { type HttpServer, type Type } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { NoopGraphInspector } from '@nestjs/core/inspector/noop-graph-inspector.js';
import { RoutesResolver } from '@nestjs/core/router/routes-resolver.js';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';

type ResolverArguments = ConstructorParameters<typeof RoutesResolver>;

interface NestInternals {
  readonly container: ResolverArguments[0];
  readonly config: ResolverArguments[1];
  readonly injector: ResolverArguments[2];
}

/** Adds the controllers of a module to an application that does not listen yet, as if it had imported the module. */
export async function registerStatically(app: NestFastifyApplication, moduleClass: Type): Promise<void> {
  await app.get(LazyModuleLoader).load(() => moduleClass);
  const { container, config, injector } = app as unknown as NestInternals;
  const resolver = new RoutesResolver(container, config, injector, NoopGraphInspector);
  for (const module of container.getModules().values()) {
    if (module.metatype !== moduleClass) continue;
    resolver.registerRouters(module.controllers, module.token, '', '', app.getHttpAdapter() as HttpServer);
  }
}
