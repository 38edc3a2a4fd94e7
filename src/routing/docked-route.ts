import { type FastifyReply, type FastifyRequest } from 'fastify';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { isThenable } from '../common/is-thenable.js';
import { toError } from '../common/to-error.js';
import { type RouteEntry } from '../kernel/index.js';
import {
  compileTraits,
  deriveContext,
  headTraits,
  type RouteContext,
  routeContextOf,
  setRouteContext,
  signalSourceOf,
  validateRequest,
} from './fastify-internals.js';
import { OpenRequest } from './open-request.js';
import { type SchemaCompilers } from './schema-compilers.js';

type Params = Record<string, string | undefined>;

export interface DockedRouteOptions {
  /** HEAD that follows from a GET entry: the body of the answer is left out. */
  readonly headOfGet?: boolean;
}

/** One route of a generation, as Fastify sees it. Variants of one method and path form a list, tried in order. */
export class DockedRoute {
  /** The variant that is tried where this one does not match. */
  next: DockedRoute | undefined;
  /** Names of the parameters where the table knows them by those of another variant. */
  renamed: readonly (readonly [from: string, to: string])[] | undefined;

  readonly #traits: object;
  readonly #headOfGet: boolean;
  readonly #mayHaveEmptyParams: boolean;
  #context: RouteContext | undefined;

  /** @throws NestdockError ROUTE_SCHEMA_INVALID */
  constructor(
    readonly entry: RouteEntry,
    schemas: SchemaCompilers,
    { headOfGet = false }: DockedRouteOptions = {},
  ) {
    this.#headOfGet = headOfGet;
    this.#mayHaveEmptyParams = entry.path.includes(':');
    this.#traits = this.#compile(schemas);
  }

  /** The first variant from this one on that the request is meant for. */
  matching(request: FastifyRequest): DockedRoute | undefined {
    if (this.entry.matches === undefined || this.entry.matches(request)) return this;
    return this.next?.matching(request);
  }

  /** find-my-way takes `/users//posts` for `/users/:id/posts`; Nest does not, on any platform. */
  accepts(params: Params): boolean {
    if (!this.#mayHaveEmptyParams) return true;
    for (const name in params) if (params[name] === '' && name !== '*') return false;
    return true;
  }

  /** Makes the request this route's: from here on Fastify treats it as one of a route of its own. */
  bind(request: FastifyRequest, params: Params): void {
    request.params = this.renamed ? rename(params, this.renamed) : params;
    setRouteContext(request, (this.#context ??= this.#derive(routeContextOf(request))));
  }

  /** Its hooks are the catch-all's, which are final only once the server is ready: hence at the first request. */
  #derive(base: RouteContext): RouteContext {
    return deriveContext(base, this.#headOfGet ? { ...this.#traits, ...headTraits(base) } : this.#traits);
  }

  #compile(schemas: SchemaCompilers): object {
    const { method, path, schema, config, source } = this.entry;
    try {
      if (schema?.body !== undefined && method === 'GET') throw new Error('a GET route has no body');
      const traits = { handler: this.#handle, config: { ...config, url: path, method }, schema };
      return compileTraits(traits, schemas.validator, schemas.serializer);
    } catch (cause) {
      const detail = `${source} (${method} ${path}): ${toError(cause).message}`;
      throw new NestdockError('ROUTE_SCHEMA_INVALID', detail, { cause });
    }
  }

  readonly #handle = (request: FastifyRequest, reply: FastifyReply): unknown => {
    const result = this.entry.handler(request, reply, () => this.#passOn(request, reply));
    if (isThenable(result)) noteRunning(request, result);
    return result;
  };

  #passOn(request: FastifyRequest, reply: FastifyReply): unknown {
    const route = this.next?.matching(request);
    if (!route) return reply.callNotFound();
    const params = this.renamed
      ? rename(request.params as Params, this.renamed.map(reversed))
      : (request.params as Params);
    route.bind(request, params);
    const invalid = validateRequest(request);
    if (!invalid) return route.#handle(request, reply);
    return Promise.resolve(invalid).then((error) => {
      if (error) throw error;
      return route.#handle(request, reply);
    });
  }
}

/** The host may answer in the handler's place, and must know then whether it still runs. */
function noteRunning(request: FastifyRequest, result: PromiseLike<unknown>): void {
  const open = signalSourceOf(request);
  if (open instanceof OpenRequest) open.running = result;
}

const reversed = ([from, to]: readonly [string, string]) => [to, from] as const;

function rename(params: Params, names: readonly (readonly [from: string, to: string])[]): Params {
  const renamed = { ...params };
  for (const [from] of names) delete renamed[from];
  for (const [from, to] of names) renamed[to] = params[from];
  return renamed;
}
