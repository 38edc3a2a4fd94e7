import { type IncomingMessage } from 'node:http';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { isThenable } from '../../common/is-thenable.js';
import { type RequestInHand } from '../../kernel/index.js';

const kInHand = Symbol('nestdock.inHand');
type RawRequest = IncomingMessage & { [kInHand]?: RequestInHand };

/** Keeps with a request what the host has of it. */
export function noteInHand(request: RawRequest, inHand: RequestInHand): void {
  request[kInHand] = inHand;
}

/** Has `request.signal` tell what the host knows, and the host know which handlers run. */
export function shareRequests(instance: FastifyInstance): void {
  // Fastify's own aborts as soon as a body has been read to its end. What the plugin injects itself nobody leaves.
  instance.decorateRequest('signal', {
    getter() {
      return inHandOf(this)?.signal ?? new AbortController().signal;
    },
  });
  instance.addHook('onRoute', (route) => {
    const { handler } = route;
    route.handler = function (request, reply) {
      const result: unknown = handler.call(this, request, reply);
      const inHand = inHandOf(request);
      if (inHand && isThenable(result)) inHand.running = result;
      return result;
    };
  });
}

const inHandOf = ({ raw }: Pick<FastifyRequest, 'raw'>): RequestInHand | undefined => (raw as RawRequest)[kInHand];
