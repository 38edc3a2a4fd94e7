import { errorCodes, type FastifyBaseLogger, type FastifyReply, type FastifyRequest } from 'fastify';
import { sendProblem } from '../common/errors/send-problem.js';
import { toError } from '../common/to-error.js';
import {
  type Generation,
  type Incident,
  type Incidents,
  type RequestListener,
  type RequestSurface,
} from '../kernel/index.js';
import { answerInstead } from './answer-instead.js';
import { type Refuse, routeToNotFound, sendError, takeBack } from './fastify-internals.js';
import { ModuleGate } from './module-gate.js';
import { type OpenRequest } from './open-request.js';
import { OpenRequests } from './open-requests.js';
import { type Refusal, requestTimeout } from './refusals.js';
import { type RequestLimits } from './request-limits.js';
import { type RouteTable } from './route-table.js';
import { unservedModule } from './unserved-module.js';

type Done = (error?: Error) => void;

/** A generation as the router sees it. Every request stays with the generation it was dispatched to. */
export class ServedGeneration {
  readonly #surface: RequestSurface;
  readonly #requests: OpenRequests;
  readonly #gate: ModuleGate | undefined;
  #countsErrors: boolean;

  constructor(
    readonly generation: Generation,
    readonly table: RouteTable,
    private readonly limits: RequestLimits,
    /** What its requests' own loggers are made from. */
    readonly log?: FastifyBaseLogger,
    private readonly refuse: Refuse = sendError,
    private readonly incidents?: Incidents,
  ) {
    this.#surface = generation.part('requests');
    const gate = (this.#gate = ModuleGate.for(generation.name, limits));
    this.#requests = new OpenRequests(generation.inFlight, {
      timeoutMs: limits.timeoutMs,
      onOverdue: (open) => this.#answerOverdue(open),
    });
    this.#countsErrors = incidents?.countsErrors === true;
    if (gate || this.#countsErrors) this.#noteEnds();
  }

  /** Errors are held against it from now on, whatever the host does otherwise: it is on trial. */
  countErrors(): void {
    this.#countsErrors = true;
    this.#noteEnds();
  }

  /** To be called with the generation whose place it takes. */
  succeed(former: ServedGeneration): void {
    this.#gate?.continue(former.#gate);
  }

  /** Takes a request in, before its body is parsed. */
  dispatch(request: FastifyRequest, reply: FastifyReply, done: Done): void {
    if (this.#gate) return this.#dispatchThrough(this.#gate, request, reply, done);
    const open = this.#requests.begin(request, reply);
    if (open) this.#takeIn(open, done);
  }

  /** Answers what is still open with 503, or cuts it off: the module's code is about to go. */
  cut(): void {
    const { error, retryAfter = 1 } = unservedModule(this.generation.name, 'loading');
    this.#requests.cut((open) => {
      answerInstead(open.reply, error, { 'retry-after': String(retryAfter), connection: 'close' });
      open.abort(error);
    });
  }

  #dispatchThrough(gate: ModuleGate, request: FastifyRequest, reply: FastifyReply, done: Done): void {
    const refusal = gate.refuse(request.raw);
    if (refusal) return void sendProblem(reply.headers(refusal.headers), refusal.error.toProblem());
    const open = this.#requests.begin(request, reply);
    if (!open) return;
    const start = () => {
      // What was answered in the queue leaves it when its response has closed.
      if (!reply.raw.writableEnded) failingLate(done, () => this.#takeIn(open, done));
    };
    gate.enter(open, start, (exceeded) => this.#giveUp(open, exceeded));
  }

  #answerOverdue(open: OpenRequest): void {
    const refusal = this.#gate?.whyWaiting(open) ?? requestTimeout(this.generation.name, this.limits.timeoutMs);
    open.request.log.warn({ code: refusal.error.code, method: open.request.method, url: open.request.url }, 'overdue');
    this.#giveUp(open, refusal);
    if (refusal.error.code === 'REQUEST_TIMEOUT') this.#report('timeout', open, refusal.error.message);
  }

  #noteEnds(): void {
    this.#requests.onEnd = (open) => this.#ended(open);
  }

  #ended(open: OpenRequest): void {
    this.#gate?.leave(open);
    const { statusCode } = open.reply.raw;
    if (this.#countsErrors && statusCode >= 500 && !open.givenUp) this.#report('error', open, `answered ${statusCode}`);
  }

  #report(kind: Incident['kind'], { request: { method, url } }: OpenRequest, what: string): void {
    const { name: module, number: generation, inFlight } = this.generation;
    const detail = `${method} ${url}: ${what}`;
    this.incidents?.report({ module, generation, kind, detail, requests: inFlight.requestsBegun });
  }

  /** Answers in the module's place, while its handler may go on; an answer that has begun is cut off. */
  #giveUp(open: OpenRequest, { error, headers }: Refusal): void {
    open.givenUp = true;
    this.#requests.awaitHandler(open);
    if (open.reply.raw.headersSent) open.request.raw.socket.destroy();
    else answerInstead(open.reply, error, headers);
    open.abort(error);
  }

  /** Middleware comes first, then the table, then the plugin, then the host's 404. */
  #takeIn(open: OpenRequest, done: Done): void {
    const { middleware } = this.#surface;
    if (middleware === undefined) return this.#route(open, done);
    const { request, reply } = open;
    middleware(request, reply, (error) => {
      // A middleware that answered by itself may call next() all the same.
      if (reply.raw.writableEnded) return;
      if (error !== undefined && error !== null) return done(toError(error));
      failingLate(done, () => this.#route(open, done));
    });
  }

  #route(open: OpenRequest, done: Done): void {
    const { request, reply } = open;
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
    if (this.#surface.plugin) return this.#handOver(this.#surface.plugin.listener, open);
    routeToNotFound(request);
    done();
  }

  /** What the host's hooks have set so far (CORS, security headers) goes out with whatever the plugin answers. */
  #handOver(listener: RequestListener, open: OpenRequest): void {
    const { request, reply } = open;
    reply.hijack();
    const headers = reply.getHeaders();
    for (const name in headers) {
      const value = headers[name];
      if (value !== undefined) reply.raw.setHeader(name, value);
    }
    const unmatched = () => {
      if (reply.raw.writableEnded) return;
      takeBack(reply);
      reply.callNotFound();
    };
    listener(request.raw, reply.raw, unmatched, open);
  }
}

/** Fastify catches what a hook throws only until the hook has returned. */
function failingLate(done: Done, step: () => void): void {
  try {
    step();
  } catch (error) {
    done(toError(error));
  }
}
