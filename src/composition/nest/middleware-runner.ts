import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type MiddlewareRunner } from '../../kernel/index.js';
import { type AdapterPaths, type AppliedMiddleware, type RawMiddleware } from '../nest-internals.js';

interface PathMiddleware {
  readonly matches: (pathname: string) => boolean;
  readonly run: RawMiddleware;
}

/** Runs middleware in order for the paths they were applied to, as `@fastify/middie` does for static routes. */
export function middlewareRunner(
  applied: readonly AppliedMiddleware[],
  adapter: AdapterPaths,
): MiddlewareRunner | undefined {
  if (applied.length === 0) return undefined;
  const chain = applied.map(({ path, run }): PathMiddleware => {
    const endsAtPath = path.endsWith('$');
    const matcher = adapter.createPathMatcher(endsAtPath ? path.slice(0, -1) : path, endsAtPath);
    return { matches: (pathname) => matcher.matches(pathname), run };
  });
  return (request, reply, done) => {
    const pathname = adapter.sanitizeUrl(pathOf(dress(request, reply)));
    let index = 0;
    const next = (error?: unknown): void => {
      if (error) return done(error);
      for (let step = chain[index++]; step; step = chain[index++]) {
        if (step.matches(pathname)) return adapter.runMiddleware(step.run, request.raw, reply.raw, next);
      }
      done();
    };
    next();
  };
}

function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

/** Puts on the raw request what middleware finds there in a static application. @returns the URL asked for */
function dress(request: FastifyRequest, reply: FastifyReply): string {
  const url = request.raw.url ?? '/';
  const { id, hostname, protocol, ip, ips, log, query } = request;
  Object.assign(request.raw, { originalUrl: url, id, hostname, protocol, ip, ips, log, query });
  Object.assign(reply.raw, { log });
  return url;
}
