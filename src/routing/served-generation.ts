import { type ServerResponse } from 'node:http';
import { errorCodes, type FastifyReply, type FastifyRequest } from 'fastify';
import { toError } from '../common/to-error.js';
import { type Generation, type RequestListener, type RequestSurface } from '../kernel/index.js';
import { type Refuse, routeToNotFound, sendError, takeBack } from './fastify-internals.js';
import { OpenRequests } from './open-requests.js';
import { type RouteTable } from './route-table.js';
import { unservedModule } from './unserved-module.js';

type Done = (error?: Error) => void;

/** A generation as the router sees it. Every request stays with the generation it was dispatched to. */
export class ServedGeneration {
  readonly #surface: RequestSurface;
  readonly #requests: OpenRequests;

  constructor(
    readonly generation: Generation,
    readonly table: RouteTable,
    private readonly refuse: Refuse = sendError,
  ) {
    this.#surface = generation.part('requests');
    this.#requests = new OpenRequests(generation.inFlight);
  }

  /** Takes a request in, before its body is parsed. The table comes first, then the plugin, then the host's 404. */
  dispatch(request: FastifyRequest, reply: FastifyReply, done: Done): void {
    if (!this.#requests.begin(request.raw, reply.raw)) return;
    const { middleware } = this.#surface;
    if (middleware === undefined) return this.#route(request, reply, done);
    middleware(request, reply, (error) => {
      // A middleware that answered by itself may call next() all the same.
      if (reply.raw.writableEnded) return;
      if (error !== undefined && error !== null) return done(toError(error));
      this.#routeLate(request, reply, done);
    });
  }

  /** Answers what is still open with 503, or cuts it off: the module's code is about to go. */
  cut(): void {
    this.#requests.cut((response) => answerGone(response, this.generation.name));
  }

  /** Fastify catches what a hook throws only until the hook has returned. */
  #routeLate(request: FastifyRequest, reply: FastifyReply, done: Done): void {
    try {
      this.#route(request, reply, done);
    } catch (error) {
      done(toError(error));
    }
  }

  #route(request: FastifyRequest, reply: FastifyReply, done: Done): void {
    const { raw } = request;
    const match = this.table.find(raw.method as string, raw.url as string, raw.headers);
    if (match?.store === null) {
      return this.refuse(new errorCodes.FST_ERR_MAX_PARAM_LENGTH(raw.url), request, reply);
    }
    const route = match?.store.first.matching(request);
    if (match && route?.accepts(match.params)) {
      route.bind(request, match.params);
      return done();
    }
    if (this.#surface.plugin) return this.#handOver(this.#surface.plugin.listener, request, reply);
    routeToNotFound(request);
    done();
  }

  /** What the host's hooks have set so far (CORS, security headers) goes out with whatever the plugin answers. */
  #handOver(listener: RequestListener, request: FastifyRequest, reply: FastifyReply): void {
    reply.hijack();
    const headers = reply.getHeaders();
    for (const name in headers) {
      const value = headers[name];
      if (value !== undefined) reply.raw.setHeader(name, value);
    }
    listener(request.raw, reply.raw, () => {
      takeBack(reply);
      reply.callNotFound();
    });
  }
}

function answerGone(response: ServerResponse, moduleName: string): void {
  const { error, retryAfter = 1 } = unservedModule(moduleName, 'loading');
  response.writeHead(error.status, {
    'content-type': 'application/problem+json; charset=utf-8',
    'retry-after': String(retryAfter),
    connection: 'close',
  });
  response.end(JSON.stringify(error.toProblem()));
}
