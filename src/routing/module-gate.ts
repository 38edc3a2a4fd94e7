import { AsyncResource } from 'node:async_hooks';
import { type IncomingMessage } from 'node:http';
import { announcesMore, watchBody } from './body-limit.js';
import { Bulkhead } from './bulkhead.js';
import { type OpenRequest } from './open-request.js';
import { bodyTooLarge, moduleBusy, rateLimited, type Refusal } from './refusals.js';
import { type RequestLimits } from './request-limits.js';
import { TokenBucket } from './token-bucket.js';

/**
 * Lets the requests of a generation in as the limits of its module allow. The rate goes on over a reload; the places
 * and the queue are each generation's own, so that one that drains never blocks the next.
 */
export class ModuleGate {
  readonly #bucket: TokenBucket | undefined;
  readonly #bulkhead: Bulkhead<OpenRequest> | undefined;

  /** @returns undefined where the module limits nothing, so that its requests pay nothing */
  static for(name: string, limits: RequestLimits): ModuleGate | undefined {
    const { bulkhead, bodyBytes, ratePerSecond } = limits;
    if (bulkhead === undefined && bodyBytes === undefined && ratePerSecond === undefined) return undefined;
    return new ModuleGate(name, limits);
  }

  private constructor(
    private readonly name: string,
    private readonly limits: RequestLimits,
  ) {
    const { bulkhead, ratePerSecond } = limits;
    if (ratePerSecond !== undefined) this.#bucket = new TokenBucket(ratePerSecond);
    if (bulkhead) this.#bulkhead = new Bulkhead(bulkhead.concurrency, bulkhead.queue);
  }

  /** Takes the rate over from the generation that served before. */
  continue(former: ModuleGate | undefined): void {
    if (former !== undefined && former.#bucket) this.#bucket?.continue(former.#bucket);
  }

  /** Why a request is not let in; undefined where it may {@link enter}. */
  refuse(request: IncomingMessage): Refusal | undefined {
    const { bodyBytes, ratePerSecond, bulkhead } = this.limits;
    if (bodyBytes !== undefined && announcesMore(request, bodyBytes)) return bodyTooLarge(this.name, bodyBytes);
    if (bulkhead && this.#bulkhead?.isFull) return moduleBusy(this.name, bulkhead);
    const seconds = this.#bucket?.take() ?? 0;
    return seconds > 0 ? rateLimited(this.name, ratePerSecond ?? 0, seconds) : undefined;
  }

  /**
   * @param start called at once, or when the request's turn has come
   * @param refuse called where more of a body comes than may
   */
  enter(open: OpenRequest, start: () => void, refuse: (refusal: Refusal) => void): void {
    const { bodyBytes } = this.limits;
    if (bodyBytes !== undefined) {
      watchBody(open.request.raw, bodyBytes, () => {
        // Nobody reads what is left after the answer; Node drops it.
        if (open.reply.raw.writableEnded) return false;
        refuse(bodyTooLarge(this.name, bodyBytes));
        return true;
      });
    }
    if (!this.#bulkhead) return start();
    // It is another request's end that starts one that waits; the context must be its own all the same.
    if (this.#bulkhead.isBusy) this.#bulkhead.enter(open, AsyncResource.bind(start));
    else this.#bulkhead.enter(open, start);
  }

  /** Why a request that still waits has not come in; undefined where it does not wait. */
  whyWaiting(open: OpenRequest): Refusal | undefined {
    const { bulkhead } = this.limits;
    return bulkhead && this.#bulkhead?.isWaiting(open) ? moduleBusy(this.name, bulkhead) : undefined;
  }

  /** To be called once for each request that has entered. */
  leave(open: OpenRequest): void {
    this.#bulkhead?.leave(open);
  }
}
