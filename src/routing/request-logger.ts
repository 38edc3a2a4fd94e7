import { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { MODULE_ROUTES_ROOT } from '../kernel/index.js';
import { moduleNameIn } from './live-modules.js';

type ChildLoggerFactory = NonNullable<FastifyInstance['childLoggerFactory']>;

/**
 * Marks the lines of `request.log` with the module that the request is for, beside its id. For the options of the
 * catch-all: nothing on a server without a logger, whose requests Fastify gives none either.
 * @param loggerOf the logger of a module that serves: to make one anew would cost every request
 */
export function requestLogger(
  { log }: FastifyInstance,
  loggerOf: (module: string) => FastifyBaseLogger | undefined,
): { childLoggerFactory?: ChildLoggerFactory } {
  if (log.child({}) === log) return {};
  return {
    childLoggerFactory(logger, bindings, options, { url = '' }) {
      const module = moduleNameIn(pathOf(url).slice(MODULE_ROUTES_ROOT.length + 1));
      return (loggerOf(module) ?? logger.child({ module })).child(bindings, options);
    },
  };
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}
