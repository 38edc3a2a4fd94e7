import { type OpenAPIObject } from '@nestjs/swagger';
import { moduleRoutePrefix } from '../../kernel/index.js';
import { type Manifest } from '../../manifest/index.js';
import { type DockedTree } from '../nest/docked-tree.js';
import { type NestInternals } from '../nest-internals.js';
import { type PluginRoute } from '../plugin/docked-plugin.js';
import { type DescribedRoute, describeRoutes } from './described-routes.js';

export interface DocumentedModule {
  readonly manifest: Manifest;
  /** Absent where the module has no controllers. */
  readonly tree?: DockedTree;
  readonly plugin: readonly PluginRoute[];
}

/**
 * The OpenAPI document of one generation: its controllers as `@nestjs/swagger` sees them, the routes of its manifest
 * and of its plugin by their schemas. Nothing of the host, nor of another module.
 */
export async function apiDocumentOf(
  { manifest, tree, plugin }: DocumentedModule,
  nest: NestInternals,
): Promise<OpenAPIObject> {
  // When it is asked for: the package is large, and many a process has no use for it.
  const { DocumentBuilder } = await import('@nestjs/swagger');
  const base = new DocumentBuilder()
    .setTitle(manifest.displayName)
    .setDescription(manifest.description)
    .setVersion(manifest.version)
    .build();
  const document = tree ? await nest.describe(tree.view, tree.config, base) : { ...base, paths: {} };
  const described = describeRoutes([...manifestRoutes(manifest), ...plugin.map(pluginRoute)]);
  for (const [path, operations] of Object.entries(described)) {
    document.paths[path] = { ...document.paths[path], ...operations };
  }
  return document;
}

function manifestRoutes({ name, routes = [] }: Manifest): DescribedRoute[] {
  return routes.map((route) => ({
    ...route,
    path: `${moduleRoutePrefix(name)}${route.path}`.replace(/(?<=.)\/$/, ''),
  }));
}

/** What Fastify knows beside the schemas: `summary` and `description`, as `@fastify/swagger` reads them. */
function pluginRoute({ method, url, schema = {} }: PluginRoute): DescribedRoute {
  const { summary, description } = schema as { summary?: string; description?: string };
  return {
    method,
    path: url,
    schema: schema as DescribedRoute['schema'],
    ...(summary !== undefined && { summary }),
    ...(description !== undefined && { description }),
  };
}
