import { type DynamicModule, type INestApplication, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ScheduleModule } from '@nestjs/schedule';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import FindMyWay from 'find-my-way';
import { pino } from 'pino';
import { DataSource } from 'typeorm';
import { LOGGER } from '../../common/logging/logger.js';
import { SecretRegistry } from '../../common/redaction/secret-registry.js';
import { HOST_CONFIG } from '../../config/index.js';
import {
  Generation,
  HTTP_METHODS,
  MODULE_STATE_READER,
  type RequestSurface,
  type RouteEntry,
} from '../../kernel/index.js';
import { type Manifest, type ManifestRoute } from '../../manifest/index.js';
import { holdDtosWeakly } from '../class-metadata.js';
import { CompositionCapability } from '../composition.capability.js';
import { CompositionModule } from '../composition.module.js';
import { ContextCapability } from '../context.capability.js';

export interface Loaded {
  readonly generation: Generation;
  /** Stops the intake, and takes everything back. */
  unload(): Promise<void>;
}

export interface LoadOptions {
  readonly entry?: unknown;
  readonly routes?: readonly ManifestRoute[];
  readonly settings?: Manifest['settings'];
  readonly dependencies?: Manifest['dependencies'];
  readonly handlers?: Readonly<Record<string, (...args: never[]) => unknown>>;
}

@Module({})
class TestConfig {
  static forRoot(drainTimeoutMs: number): DynamicModule {
    const providers = [
      { provide: HOST_CONFIG, useValue: { host: '127.0.0.1', port: 0, drainTimeoutMs, loadTimeoutMs: 5_000 } },
      { provide: MODULE_STATE_READER, useValue: { stateOf: () => undefined } },
      { provide: LOGGER, useValue: pino({ level: 'silent' }) },
      { provide: SecretRegistry, useValue: new SecretRegistry() },
    ];
    return { module: TestConfig, global: true, providers, exports: providers.map(({ provide }) => provide) };
  }
}

/** A real Nest application on Fastify, with the composition in it and a catch-all in place of the routing. */
export class TestHost {
  #count = 0;
  readonly #live = new Map<string, RequestSurface>();
  readonly #tables = new WeakMap<RequestSurface, FindMyWay.Instance<FindMyWay.HTTPVersion.V1>>();

  private constructor(readonly app: NestFastifyApplication) {}

  static async start(imports: (Type | DynamicModule)[] = [], configure?: (app: INestApplication) => void) {
    class HostModule {}
    Module({ imports: [TestConfig.forRoot(300), ScheduleModule.forRoot(), CompositionModule, ...imports] })(HostModule);
    const options = { logger: false as const, abortOnError: false, forceCloseConnections: true };
    holdDtosWeakly();
    const app = await NestFactory.create<NestFastifyApplication>(HostModule, new FastifyAdapter(), options);
    configure?.(app);
    const host = new TestHost(app);
    host.#catchAll();
    await app.listen(0, '127.0.0.1');
    return host;
  }

  get url(): Promise<string> {
    return this.app.getUrl();
  }

  stop(): Promise<void> {
    return this.app.close();
  }

  generation(
    name: string,
    { entry, routes = [], settings, dependencies = {}, handlers = {} }: LoadOptions,
  ): Generation {
    const manifest: Manifest = {
      name,
      version: '1.0.0',
      displayName: name,
      description: 'a module of a test',
      author: 'test',
      routes,
      dependencies,
      ...(settings && { settings }),
    };
    const bundle = { hash: '', code: '', map: '', externals: [] };
    const release = { name, version: '1.0.0', manifest, folder: '/nowhere', digest: '', bundle, migrations: [] };
    const generation = new Generation(release, ++this.#count);
    generation.provide('code', {
      entry,
      handler: (reference) => handlers[reference] as never,
      exportsOf: () => ({}),
    });
    generation.provide('settings', { values: defaultsOf(settings), onChange: () => () => undefined });
    generation.provide('data', { dataSource: new DataSource({ type: 'postgres' }) });
    return generation;
  }

  async load(name: string, options: LoadOptions): Promise<Loaded> {
    return this.attach(this.generation(name, options));
  }

  async attach(generation: Generation): Promise<Loaded> {
    const { name } = generation;
    this.app.get(ContextCapability, { strict: false }).attach(generation);
    const composition = this.app.get(CompositionCapability, { strict: false });
    const undo = await composition.attach(generation);
    const surface = generation.part('requests');
    this.#tables.set(surface, tableOf(surface.routes));
    this.#live.set(name, surface);
    const stop = composition.serve(generation);
    return {
      generation,
      unload: async () => {
        stop();
        if (this.#live.get(name) === surface) this.#live.delete(name);
        generation.expire();
        await undo();
        generation.clear();
      },
    };
  }

  #catchAll(): void {
    this.app
      .getHttpAdapter()
      .getInstance()
      .route({
        method: [...HTTP_METHODS],
        url: '/api/v1/m/:module/*',
        exposeHeadRoute: false,
        onRequest: (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => {
          const surface = this.#live.get((request.params as { module: string }).module);
          if (!surface) return done();
          (request as { surface?: RequestSurface }).surface = surface;
          if (surface.middleware) surface.middleware(request, reply, (error) => next(error as Error | undefined));
          else next();

          function next(error?: Error): void {
            if (error ?? !surface?.plugin) return done(error);
            const inHand = { id: request.id, signal: request.signal, running: undefined };
            surface.plugin.listener(request.raw, reply.raw, () => reply.callNotFound(), inHand);
          }
        },
        onSend: (
          request: FastifyRequest,
          reply: FastifyReply,
          payload: unknown,
          done: (error: null, body?: unknown) => void,
        ) => {
          if (request.method !== 'HEAD' || typeof payload !== 'string') return done(null, payload);
          reply.header('content-length', Buffer.byteLength(payload));
          done(null, null);
        },
        handler: (request: FastifyRequest, reply: FastifyReply) => this.#dispatch(request, reply),
      });
  }

  #dispatch(request: FastifyRequest, reply: FastifyReply): unknown {
    const { surface } = request as { surface?: RequestSurface };
    const path = (request.raw.url as string).split('?')[0] as string;
    const match =
      surface &&
      this.#tables.get(surface)?.find(request.method as 'GET', path, {
        host: request.headers.host,
        version: request.headers['accept-version'],
      });
    if (!match || Object.entries(match.params).some(([name, value]) => value === '' && name !== '*')) {
      return reply.callNotFound();
    }
    request.params = match.params;
    const entries = match.store as RouteEntry[];
    const run = (index: number): unknown => {
      const entry = entries[index];
      if (!entry) return reply.callNotFound();
      if (entry.matches && !entry.matches(request)) return run(index + 1);
      return entry.handler(request, reply, () => run(index + 1));
    };
    return run(0);
  }
}

function defaultsOf(fields: Manifest['settings'] = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, field.default]));
}

function tableOf(routes: readonly RouteEntry[]) {
  const table = FindMyWay<FindMyWay.HTTPVersion.V1>();
  const lists = new Map<string, RouteEntry[]>();
  const heads = routes.filter(({ method }) => method === 'GET').map((entry) => ({ ...entry, method: 'HEAD' as const }));
  for (const entry of [...routes, ...heads]) {
    const key = `${entry.method} ${entry.path} ${JSON.stringify(entry.constraints ?? {})}`;
    const list = lists.get(key);
    if (list) {
      list.push(entry);
      continue;
    }
    const first = [entry];
    lists.set(key, first);
    table.on(entry.method, entry.path, { constraints: { ...entry.constraints } }, () => undefined, first);
  }
  return table;
}
