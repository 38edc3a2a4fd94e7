import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleInit, Optional } from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { sendProblem } from '../common/errors/send-problem.js';
import { HOST_CONFIG, type HostConfig } from '../config/index.js';
import {
  type Fence,
  FENCE,
  type Generation,
  HTTP_METHODS,
  INCIDENTS,
  type Incidents,
  MODULE_ROUTES_ROOT,
  MODULE_STATE_READER,
  moduleRoutePrefix,
  type ModuleStateReader,
  type TrialShare,
} from '../kernel/index.js';
import { refusalOf, routeToNotFound, serializerCompilerOf } from './fastify-internals.js';
import { LiveModules, moduleNameIn } from './live-modules.js';
import { type MatchingOptions, RouteTable } from './route-table.js';
import { requestLimits } from './request-limits.js';
import { requestLogger } from './request-logger.js';
import { SchemaCompilers } from './schema-compilers.js';
import { ServedGeneration } from './served-generation.js';
import { unservedModule } from './unserved-module.js';

/** All module routes of the host: one catch-all route of Fastify's, and behind it one table a module. */
@Injectable()
export class ModuleRouter implements OnModuleInit, OnApplicationBootstrap {
  readonly #modules = new LiveModules();
  #states: ModuleStateReader | undefined;
  #namesIgnoreCase = false;

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly moduleRef: ModuleRef,
    @Optional() @Inject(INCIDENTS) private readonly incidents?: Incidents,
    @Optional() @Inject(FENCE) private readonly fence?: Fence,
  ) {}

  onModuleInit(): void {
    this.#namesIgnoreCase = matchingOptionsOf(this.#fastify).caseSensitive === false;
    this.#fastify.route({
      method: [...HTTP_METHODS],
      url: `${MODULE_ROUTES_ROOT}/*`,
      exposeHeadRoute: false,
      ...requestLogger(this.#fastify, (module) => this.#modules.main(module)?.log),
      onRequest: (request, reply, done) => this.#dispatch(request, reply, done),
      // Every request has got another handler, or its answer, by then.
      handler: (_request, reply) => reply.callNotFound(),
    });
  }

  onApplicationBootstrap(): void {
    this.#states = this.moduleRef.get<ModuleStateReader>(MODULE_STATE_READER, { strict: false });
  }

  /**
   * Builds a generation's table, unseen as yet.
   * @throws NestdockError ROUTE_CONFLICT, ROUTE_INVALID or ROUTE_SCHEMA_INVALID
   */
  attach(generation: Generation): ServedGeneration {
    const { routes } = generation.part('requests');
    const schemas = new SchemaCompilers(serializerCompilerOf(this.#fastify));
    const prefix = moduleRoutePrefix(generation.name);
    const table = new RouteTable(prefix, routes, schemas, matchingOptionsOf(this.#fastify));
    const limits = requestLimits(generation.release.manifest.limits, this.#config);
    const log = this.#fastify.log.child({ module: generation.name });
    return new ServedGeneration(generation, table, limits, log, refusalOf(this.#fastify), this.incidents);
  }

  /** Swaps the module's whole table. @returns what takes it out again, unless a later one has taken its place */
  serve(served: ServedGeneration): () => void {
    const former = this.#modules.main(served.generation.name);
    if (former) served.succeed(former);
    return this.#modules.serve(served);
  }

  /** Gives a generation on trial its share of the users. @returns what ends that */
  tryOut(served: ServedGeneration, share: TrialShare): () => void {
    served.countErrors();
    return this.#modules.split(served, share, this.#config.rollout.userHeader);
  }

  /** To be called once the generation has drained, or its deadline is over: what is still open is ended. */
  detach(served: ServedGeneration): void {
    served.cut();
  }

  #dispatch(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
    const name = this.#moduleName(request);
    const served = this.#modules.get(name);
    if (served !== undefined && !this.fence?.isUp) return served.dispatch(request, reply, done);
    if (name === '') {
      routeToNotFound(request);
      return done();
    }
    const { error, retryAfter } = unservedModule(name, served ? 'loading' : this.#states?.stateOf(name));
    if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
    sendProblem(reply, error.toProblem());
  }

  /** From what the catch-all matched: Fastify has taken the query off it and decoded it. */
  #moduleName({ params }: FastifyRequest): string {
    const name = moduleNameIn((params as { readonly '*': string })['*']);
    return this.#namesIgnoreCase ? name.toLowerCase() : name;
  }

  get #config(): HostConfig {
    return this.moduleRef.get<HostConfig>(HOST_CONFIG, { strict: false });
  }

  get #fastify(): FastifyInstance {
    return this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
  }
}

/** The tables match as the host's own router does. */
function matchingOptionsOf({ initialConfig }: FastifyInstance): MatchingOptions {
  const {
    caseSensitive,
    ignoreTrailingSlash,
    ignoreDuplicateSlashes,
    useSemicolonDelimiter,
    allowUnsafeRegex,
    maxParamLength,
  }: MatchingOptions = initialConfig.routerOptions ?? initialConfig;
  return {
    caseSensitive,
    ignoreTrailingSlash,
    ignoreDuplicateSlashes,
    useSemicolonDelimiter,
    allowUnsafeRegex,
    maxParamLength,
  };
}
