import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';
import { type InFlight } from '../kernel/index.js';

/** Where a response stands in the list of those that are open; a Set would have to hash each of them. */
const kPlace = Symbol('place');

interface OpenResponse extends ServerResponse {
  [kPlace]?: number;
}

/**
 * The requests that one generation has in hand. Each counts until its response closes: sent to the last byte, cut off
 * by the client, or ended by a listener that took the raw response over. Node emits that `close` once, with one
 * exception: a pipelined response that still waits behind another has no socket yet, and is never told when it goes.
 */
export class OpenRequests {
  readonly #open: OpenResponse[] = [];
  readonly #watchedSockets = new WeakSet<Socket>();
  readonly #onClose: (this: OpenResponse) => void;

  constructor(private readonly inFlight: InFlight) {
    // One listener for all, as a closure for each would cost every request.
    const end = (response: OpenResponse) => this.#end(response);
    this.#onClose = function () {
      end(this);
    };
  }

  /** @returns false where the client has left already: there is nothing to answer. */
  begin(request: IncomingMessage, response: OpenResponse): boolean {
    if (response.closed || request.socket.destroyed) return false;
    response[kPlace] = this.#open.length;
    this.#open.push(response);
    this.inFlight.beginRequest();
    response.on('close', this.#onClose);
    if (response.socket === null) this.#watch(request.socket);
    return true;
  }

  /** Ends what is left: `answer` where nothing was sent yet, else the connection is cut. */
  cut(answer: (response: ServerResponse) => void): void {
    for (const response of [...this.#open]) {
      if (response.headersSent || response.socket === null) response.req.socket.destroy();
      else answer(response);
    }
  }

  #watch(socket: Socket): void {
    if (this.#watchedSockets.has(socket)) return;
    this.#watchedSockets.add(socket);
    socket.once('close', () => {
      for (const response of [...this.#open]) if (response.req.socket === socket) this.#end(response);
    });
  }

  /** The last of the list takes the place that falls free. */
  #end(response: OpenResponse): void {
    const place = response[kPlace];
    if (place === undefined || this.#open[place] !== response) return;
    const last = this.#open.pop();
    if (last && last !== response) {
      last[kPlace] = place;
      this.#open[place] = last;
    }
    this.inFlight.endRequest();
  }
}
