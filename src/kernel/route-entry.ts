import { type FastifyReply, type FastifyRequest } from 'fastify';

export const HTTP_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
export type HttpMethod = (typeof HTTP_METHODS)[number];

/** `next` hands the request to the next entry of the same method and path, or to the 404. */
export type RouteEntryHandler = (request: FastifyRequest, reply: FastifyReply, next: () => unknown) => unknown;

/** JSON Schemas of a route, as Fastify's `schema` option takes them. */
export interface RouteSchema {
  readonly body?: unknown;
  readonly querystring?: unknown;
  readonly params?: unknown;
  readonly headers?: unknown;
  /** By status (`200`, `2xx`, `default`). */
  readonly response?: Readonly<Record<string, unknown>>;
}

/** One route of a generation: what its table is built from. */
export interface RouteEntry {
  readonly method: HttpMethod;
  /** From the host's root, in find-my-way syntax: `/api/v1/m/hello/greet/:who`. */
  readonly path: string;
  /** Nest has matched `host` and header versions inside `handler`; they are told apart here for conflicts only. */
  readonly variant?: string;
  /** Whether the request is meant for this variant, asked before its body is parsed and checked. Absent: `handler` tells, by `next`. */
  readonly matches?: (request: FastifyRequest) => boolean;
  /** find-my-way constraints, from `@RouteConstraints`. */
  readonly constraints?: Readonly<Record<string, unknown>>;
  /** From `@RouteConfig`; the handler reads it at `request.routeOptions.config`. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly schema?: RouteSchema;
  readonly handler: RouteEntryHandler;
  /** Where the author wrote it, such as `GreetController.greet` or `manifest /routes/0`; conflicts name it. */
  readonly source: string;
}
