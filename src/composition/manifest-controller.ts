import { Controller, HttpCode, Req, RequestMapping, RequestMethod, Res, type Type } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type ModuleCode } from '../kernel/index.js';
import { type ManifestRoute } from '../manifest/index.js';
import { type ModuleContext } from '../sdk/index.js';
import { ROUTE_METADATA, UNDOCUMENTED } from './nest-internals.js';

/** Where a method of the generated controller stands in the manifest, by its name. */
export const manifestSource = (methodName: string): string => `manifest ${methodName}`;

/**
 * Makes the manifest's routes methods of a Nest controller, so that the module's guards, interceptors, filters and
 * middleware apply to them. Each method is named by its JSON pointer, such as `/routes/0`.
 */
export function createManifestController(
  routes: readonly ManifestRoute[],
  code: ModuleCode,
  context: ModuleContext,
): Type {
  class ManifestRoutes {}
  Controller()(ManifestRoutes);
  Reflect.defineMetadata(UNDOCUMENTED.key, UNDOCUMENTED.value, ManifestRoutes); // described from the manifest, see document/
  routes.forEach((route, index) => {
    const name = `/routes/${index}`;
    const handler = code.handler(route.handler);
    const method = (request: FastifyRequest, reply: FastifyReply) => handler(request, reply, context);
    const descriptor: PropertyDescriptor = { value: method, configurable: true, writable: true };
    Object.defineProperty(ManifestRoutes.prototype, name, descriptor);
    RequestMapping({ path: route.path, method: RequestMethod[route.method] })(
      ManifestRoutes.prototype,
      name,
      descriptor,
    );
    HttpCode(200)(ManifestRoutes.prototype, name, descriptor);
    Req()(ManifestRoutes.prototype, name, 0);
    Res({ passthrough: true })(ManifestRoutes.prototype, name, 1);
    if (route.schema) Reflect.defineMetadata(ROUTE_METADATA.schema, route.schema, method);
  });
  return ManifestRoutes;
}
