import { type ModuleScope, runInScope } from '../common/module-scope.js';
import { type RequestSurface, type RouteEntry } from '../kernel/index.js';

/** What a generation answers requests with, on the module's behalf. */
export function scopedSurface({ routes, middleware, plugin }: RequestSurface, scope: ModuleScope): RequestSurface {
  const { module, generation } = scope;
  const scopedRoute = (route: RouteEntry): RouteEntry => {
    const { handler } = route;
    return {
      ...route,
      // Here rather than at dispatch: what parses a body goes on from the socket's events, and the scope is lost.
      handler: (request, reply, next) =>
        runInScope({ module, generation, requestId: request.id }, handler, request, reply, next),
    };
  };
  return {
    routes: routes.map(scopedRoute),
    ...(middleware && {
      middleware: (request, reply, next) =>
        runInScope({ module, generation, requestId: request.id }, middleware, request, reply, next),
    }),
    ...(plugin && {
      plugin: {
        ...plugin,
        listener: (request, response, unmatched, inHand) =>
          runInScope(scope, plugin.listener, request, response, unmatched, inHand),
      },
    }),
  };
}
