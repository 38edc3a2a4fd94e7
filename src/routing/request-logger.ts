import { type FastifyInstance } from 'fastify';
import { MODULE_ROUTES_ROOT } from '../kernel/index.js';
import { moduleNameIn } from './live-modules.js';

type ChildLoggerFactory = NonNullable<FastifyInstance['childLoggerFactory']>;

/** Marks the lines of `request.log` with the module that the request is for, beside its id. */
const moduleLogger: ChildLoggerFactory = (logger, bindings, options, { url = '' }) =>
  logger.child({ ...bindings, module: moduleNameIn(pathOf(url).slice(MODULE_ROUTES_ROOT.length + 1)) }, options);

/** For the options of the catch-all: nothing on a server without a logger, whose requests Fastify gives none either. */
export function requestLogger({ log }: FastifyInstance): { childLoggerFactory?: ChildLoggerFactory } {
  return log.child({}) === log ? {} : { childLoggerFactory: moduleLogger };
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}
