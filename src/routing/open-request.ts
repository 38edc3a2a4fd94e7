import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type RequestInHand } from '../kernel/index.js';

/** A request that a generation has in hand. Made for every request, so it holds little and makes the rest when asked. */
export class OpenRequest implements RequestInHand {
  /** Where it stands in the list of those that are open. */
  place = 0;
  /** Tick at which its time began. */
  since = 0;
  /** The host has answered in the module's place. */
  givenUp = false;
  /** What the handler has promised, where it has. */
  running: PromiseLike<unknown> | undefined = undefined;
  #controller: AbortController | undefined = undefined;
  #reason: Error | undefined = undefined;

  constructor(
    readonly request: FastifyRequest,
    readonly reply: FastifyReply,
  ) {}

  get id(): string {
    return this.request.id;
  }

  /** What the handler reads as `request.signal`: aborts where nobody waits for the answer any more. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** The first reason counts. */
  abort(reason: Error): void {
    if (this.#reason) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}
