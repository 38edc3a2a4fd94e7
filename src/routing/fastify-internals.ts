import { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import headRoute from 'fastify/lib/head-route.js';
import schemas from 'fastify/lib/schemas.js';
import symbols from 'fastify/lib/symbols.js';
import validation from 'fastify/lib/validation.js';
import { type RouteSchema } from '../kernel/index.js';

/**
 * Every reach into parts of Fastify that are not public. Fastify keeps what it knows of a route in a *context*, which
 * each request refers to, and hands a request to another route by replacing that reference: so does its own
 * `callNotFound`. A docked route gets a context of its own, made from that of the catch-all, and from then on Fastify
 * itself parses, validates, handles and serializes as for a route that was there from the start.
 *
 * Fastify is pinned exactly; `fastify-internals.spec.ts` names each assumption made here.
 */
const { kRouteContext, kFourOhFourContext, kReplyHijacked, kSchemaController, kOptions, kRequestSignal } = symbols;

export type ContextHandler = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** What a docked route has in place of the catch-all's. */
export interface RouteTraits {
  readonly handler: ContextHandler;
  /** `url` and `method` are what makes Fastify take the request for a matched one. */
  readonly config: Readonly<Record<string, unknown>> & { readonly url: string; readonly method: string };
  readonly schema?: RouteSchema;
}

/** What Fastify knows of a route. Opaque outside this file. */
export interface RouteContext extends RouteTraits {
  readonly onSend: readonly unknown[] | null;
}

/** An object of Fastify's, as the holder of what it keeps there under symbols. */
type Holder<Value> = Record<symbol, Value>;

export type SchemaCompiler = (schema: unknown) => unknown;

export function routeContextOf(request: FastifyRequest): RouteContext {
  return (request as unknown as Holder<unknown>)[kRouteContext] as RouteContext;
}

export function setRouteContext(request: FastifyRequest, context: RouteContext): void {
  (request as unknown as Holder<RouteContext>)[kRouteContext] = context;
}

/** Sends the request on to the host's own 404, its body parsed as Fastify does for any path it does not know. */
export function routeToNotFound(request: FastifyRequest): void {
  const context = routeContextOf(request) as unknown as Holder<unknown>;
  setRouteContext(request, context[kFourOhFourContext] as RouteContext);
}

/** Takes back `reply.hijack()`: Fastify answers after all. */
export function takeBack(reply: FastifyReply): void {
  (reply as unknown as Holder<boolean>)[kReplyHijacked] = false;
}

/** Where Fastify reads `request.signal` from, in place of an AbortController of its own. */
export interface SignalSource {
  readonly signal: AbortSignal;
}

/** Gives `request.signal` another source: Fastify's own aborts as soon as a body has been read to its end. */
export function setSignalSource(request: FastifyRequest, source: SignalSource): void {
  (request as unknown as Holder<SignalSource>)[kRequestSignal] = source;
}

export function signalSourceOf(request: FastifyRequest): SignalSource | undefined {
  return (request as unknown as Holder<SignalSource | undefined>)[kRequestSignal];
}

/**
 * A context that is `base` but for `parts`. `base` must belong to a server that is ready: hooks are final then.
 * Spread, as V8 keeps the result in its fast form; what Object.assign() makes, and Fastify's own, is a dictionary.
 */
export function deriveContext(base: RouteContext, parts: object): RouteContext {
  return { ...base, ...parts };
}

/** What Fastify puts at the end of a HEAD route that follows from GET: the headers of the answer, without its body. */
export function headTraits(base: RouteContext): Pick<RouteContext, 'onSend'> {
  return { onSend: [...(base.onSend ?? []), headRoute.parseHeadOnSendHandlers(undefined)] };
}

/**
 * The traits together with the compiled schemas, as {@link deriveContext} takes them.
 * @throws what a compiler throws for a schema that cannot be compiled
 */
export function compileTraits(traits: RouteTraits, validator: SchemaCompiler, serializer: SchemaCompiler): object {
  if (!traits.schema) return traits;
  // Fastify marks and completes the object it is given, which may be the manifest's or a decorator's.
  const own = { ...traits.schema, ...(traits.schema.response && { response: { ...traits.schema.response } }) };
  const context = { ...traits, schema: schemas.normalizeSchema(own, {}) };
  validation.compileSchemasForValidation(context, ({ schema }) => validator(schema), false);
  validation.compileSchemasForSerialization(context, ({ schema }) => serializer(schema));
  return context;
}

/** Checks and coerces the request by the schemas of its context, as Fastify does before its handler. */
export function validateRequest(request: FastifyRequest): false | Error | Promise<false | Error> {
  return validation.validate(routeContextOf(request), request);
}

interface SchemaController {
  getSerializerBuilder(): (schemas: object, options: unknown) => (part: { readonly schema: unknown }) => unknown;
}

/** The host's own compiler of response schemas (fast-json-stringify, unless it was given another). */
export function serializerCompilerOf(instance: FastifyInstance): SchemaCompiler {
  const controller = Reflect.get(instance, kSchemaController) as SchemaController;
  const { serializerOpts } = Reflect.get(instance, kOptions) as { readonly serializerOpts?: unknown };
  const compile = controller.getSerializerBuilder()({}, serializerOpts);
  return (schema) => compile({ schema });
}

/** Refuses a request as the host's own router does before it has found a route. */
export type Refuse = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void;

export const sendError: Refuse = (error, _request, reply) => void reply.send(error);

/** What the host was given as `frameworkErrors`, else Fastify's way. */
export function refusalOf(instance: FastifyInstance): Refuse {
  const { frameworkErrors } = Reflect.get(instance, kOptions) as { readonly frameworkErrors?: Refuse | null };
  return frameworkErrors ?? sendError;
}
