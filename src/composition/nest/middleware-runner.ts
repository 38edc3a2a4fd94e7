import { type MiddlewareRunner } from '../../kernel/index.js';
import { type RawMiddleware } from '../nest-internals.js';

/** Gives middleware the raw request as `@fastify/middie` does in a static application, with what Fastify knows of it. */
export function middlewareRunner(run: RawMiddleware): MiddlewareRunner {
  return (request, reply, done) => {
    const { id, hostname, protocol, ip, ips, log, query } = request;
    Object.assign(request.raw, { originalUrl: request.raw.url, id, hostname, protocol, ip, ips, log, query });
    Object.assign(reply.raw, { log });
    run(request.raw, reply.raw, done);
  };
}
