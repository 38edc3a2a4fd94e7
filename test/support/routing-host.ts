import { type AddressInfo } from 'node:net';
import { Controller, Get, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Undo } from '../../src/common/undo-stack.js';
import {
  Generation,
  type InFlight,
  MODULE_STATE_READER,
  type ModuleState,
  moduleRoutePrefix,
  type Release,
  type RequestSurface,
  type RouteEntry,
} from '../../src/kernel/index.js';
import { HOST_CONFIG } from '../../src/config/index.js';
import { type ManifestLimits } from '../../src/manifest/index.js';
import { ModuleRouter, RoutingCapability, RoutingModule } from '../../src/routing/index.js';

export interface RoutingHost {
  readonly app: NestFastifyApplication;
  readonly router: ModuleRouter;
  readonly routing: RoutingCapability;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly port: number;
  /** What the state reader answers for modules that nothing serves. */
  readonly states: Map<string, ModuleState>;
  /** Attaches a generation and serves it. */
  dock(name: string, surface: RequestSurface, limits?: ManifestLimits): DockedGeneration;
}

export interface DockedGeneration {
  readonly generation: Generation;
  readonly stop: () => void;
  readonly undo: Undo;
}

export interface RoutingHostOptions {
  readonly adapter?: FastifyAdapter;
  readonly controllers?: Type[];
  /** Called before the host listens. */
  readonly prepare?: (app: NestFastifyApplication) => void | Promise<void>;
}

@Controller('static')
class StaticController {
  @Get()
  get(): string {
    return 'static';
  }
}

let generations = 0;

export function generationOf(name: string, surface: RequestSurface, limits?: ManifestLimits): Generation {
  const manifest = limits ? { limits } : {};
  const release = { name, version: '1.0.0', folder: `/${name}`, digest: '', manifest } as unknown as Release;
  const generation = new Generation(release, ++generations);
  generation.provide('requests', surface);
  return generation;
}

/** A route entry under the module's prefix; what matters to the test is given, the rest is filled in. */
export function route(name: string, entry: Partial<RouteEntry> & { readonly path: string }): RouteEntry {
  return {
    method: 'GET',
    handler: () => ({ ok: true }),
    source: `test ${entry.method ?? 'GET'} ${entry.path}`,
    ...entry,
    path: `${moduleRoutePrefix(name)}${entry.path}`,
  };
}

/** A Nest host on a free port with nothing but routing in it. Close `app` after use. */
export async function startRoutingHost(options: RoutingHostOptions = {}): Promise<RoutingHost> {
  const states = new Map<string, ModuleState>();
  const reader = { provide: MODULE_STATE_READER, useValue: { stateOf: (name: string) => states.get(name) } };
  class HostModule {}
  Module({
    imports: [RoutingModule],
    controllers: [StaticController, ...(options.controllers ?? [])],
    providers: [reader, { provide: HOST_CONFIG, useValue: { requestTimeoutMs: 30_000 } }],
  })(HostModule);
  const app = await NestFactory.create<NestFastifyApplication>(HostModule, options.adapter ?? new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  await options.prepare?.(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const routing = app.get(RoutingCapability);
  return {
    app,
    routing,
    router: app.get(ModuleRouter),
    url: `http://127.0.0.1:${port}`,
    port,
    states,
    dock(name, surface, limits) {
      const generation = generationOf(name, surface, limits);
      const undo = routing.attach(generation);
      return { generation, stop: routing.serve(generation), undo };
    },
  };
}

/** Resolves at the next request that the generation begins. */
export function beginsIn(inFlight: InFlight): Promise<void> {
  return new Promise((resolve) => {
    const begin = inFlight.beginRequest.bind(inFlight);
    inFlight.beginRequest = () => {
      begin();
      inFlight.beginRequest = begin;
      resolve();
    };
  });
}

/** Resolves at the next request that the generation ends. */
export function endsIn(inFlight: InFlight): Promise<void> {
  return new Promise((resolve) => {
    const end = inFlight.endRequest.bind(inFlight);
    inFlight.endRequest = () => {
      end();
      inFlight.endRequest = end;
      resolve();
    };
  });
}
