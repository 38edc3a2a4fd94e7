import { type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type InFlight } from '../kernel/index.js';
import { setSignalSource } from './fastify-internals.js';
import { OpenRequest } from './open-request.js';
import { RequestClock } from './request-clock.js';

const kOpen = Symbol('open');

interface OpenResponse extends ServerResponse {
  [kOpen]?: OpenRequest;
}

export interface OpenRequestsOptions {
  /** Milliseconds until an answer must have begun. */
  readonly timeoutMs: number;
  /** Told of a request whose answer has not begun in time. */
  readonly onOverdue: (open: OpenRequest) => void;
}

/**
 * The requests that one generation has in hand. Each counts until its response closes: sent to the last byte, cut off
 * by the client, or ended by a listener that took the raw response over. Node emits that `close` once, with one
 * exception: a pipelined response that still waits behind another has no socket yet, and is never told when it goes.
 */
export class OpenRequests {
  /** Told once for each request that has begun. */
  onEnd: ((open: OpenRequest) => void) | undefined;
  /** A Set would have to hash each of them. */
  readonly #open: OpenRequest[] = [];
  readonly #watchedSockets = new WeakSet<Socket>();
  readonly #onClose: (this: OpenResponse) => void;
  readonly #clock: RequestClock;

  constructor(
    private readonly inFlight: InFlight,
    private readonly options: OpenRequestsOptions,
  ) {
    // One listener for all, as a closure for each would cost every request.
    const end = (open: OpenRequest) => this.#end(open);
    this.#onClose = function () {
      if (this[kOpen]) end(this[kOpen]);
    };
    this.#clock = new RequestClock(options.timeoutMs, () => this.#checkDeadlines());
  }

  /** @returns undefined where the client has left already: there is nothing to answer. */
  begin(request: FastifyRequest, reply: FastifyReply): OpenRequest | undefined {
    const response: OpenResponse = reply.raw;
    const { socket } = request.raw;
    if (response.closed || socket.destroyed) return undefined;
    const open = new OpenRequest(request, reply);
    open.place = this.#open.length;
    open.since = this.#clock.begin();
    this.#open.push(open);
    this.inFlight.beginRequest();
    setSignalSource(request, open);
    response[kOpen] = open;
    response.on('close', this.#onClose);
    if (response.socket === null) this.#watch(socket);
    return open;
  }

  /** Ends what is left: `answer` where nothing was sent yet, else the connection is cut. */
  cut(answer: (open: OpenRequest) => void): void {
    for (const open of [...this.#open]) {
      const { raw } = open.reply;
      if (raw.headersSent || raw.socket === null) raw.req.socket.destroy();
      else answer(open);
    }
  }

  /** Counts a handler that goes on after the host has answered for it, so that a drain waits for it. */
  awaitHandler({ running }: OpenRequest): void {
    if (running === undefined) return;
    this.inFlight.beginRequest();
    const end = () => this.inFlight.endRequest();
    running.then(end, end);
  }

  /** @returns whether any request is open */
  #checkDeadlines(): boolean {
    const overdue = this.#open.filter(({ since, reply }) => this.#clock.isOver(since) && !reply.raw.headersSent);
    for (const open of overdue) {
      // The time in which a client sends its body is the client's: Node limits it on its own.
      if (awaitsClient(open)) open.since = this.#clock.begin();
      else this.options.onOverdue(open);
    }
    return this.#open.length > 0;
  }

  #watch(socket: Socket): void {
    if (this.#watchedSockets.has(socket)) return;
    this.#watchedSockets.add(socket);
    socket.once('close', () => {
      for (const open of [...this.#open]) if (open.request.raw.socket === socket) this.#end(open);
    });
  }

  /** The last of the list takes the place that falls free. */
  #end(open: OpenRequest): void {
    const { place, reply } = open;
    if (this.#open[place] !== open) return;
    const last = this.#open.pop();
    if (last && last !== open) {
      last.place = place;
      this.#open[place] = last;
    }
    if (!reply.raw.writableFinished) open.abort(new DOMException('the client has left', 'AbortError'));
    this.onEnd?.(open);
    this.inFlight.endRequest();
  }
}

/** Where the module has read all that has come of the body, and there is more to come. */
function awaitsClient({ request: { raw } }: OpenRequest): boolean {
  return !raw.complete && raw.readableLength === 0;
}
