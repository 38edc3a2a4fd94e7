import { type FastifyRequest } from 'fastify';
import { MODULE_ROUTES_ROOT } from '../kernel/index.js';

const API_ROOT = '/api/v1';

/**
 * Whether only operators may make this request: everything under `/api/v1` but the modules' own routes.
 *
 * The route that Fastify has matched decides, as the same route is reached by many spellings of its URL. The text of the
 * URL counts only where no route of ours answers: there it hides which paths exist, and has nothing else to protect.
 */
export function isAdminRequest(request: FastifyRequest): boolean {
  const route = request.routeOptions.url;
  return isAdminPath(route !== undefined && isUnder(API_ROOT, route) ? route : pathOf(request.url));
}

/** Whether a module is to answer this request: then errors take the shape that the module gives them. */
export function isModuleRequest(request: FastifyRequest): boolean {
  return isModulePath(request.routeOptions.url ?? pathOf(request.url));
}

const isAdminPath = (path: string): boolean => isUnder(API_ROOT, path) && !isModulePath(path);
const isModulePath = (path: string): boolean => path.startsWith(`${MODULE_ROUTES_ROOT}/`);
const isUnder = (root: string, path: string): boolean => path === root || path.startsWith(`${root}/`);
const pathOf = (url: string): string => url.split(/[?#;]/, 1)[0] ?? '';
