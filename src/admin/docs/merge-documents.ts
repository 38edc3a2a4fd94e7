import { type OpenAPIObject } from '@nestjs/swagger';
import { moduleRoutePrefix } from '../../kernel/index.js';
import { renameComponents } from './rename-components.js';

/** What one module brings to the host's document. */
export interface ModuleDocument {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly document: OpenAPIObject;
}

type PathItem = OpenAPIObject['paths'][string];
type Components = NonNullable<OpenAPIObject['components']>;

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

/**
 * The host's document with those of the modules in it. What could collide is set apart by the module's name: components
 * (`hello.CreateDto`), operation ids, tags. A module shows nothing outside its own prefix.
 */
export function mergeDocuments(host: OpenAPIObject, modules: readonly ModuleDocument[]): OpenAPIObject {
  const merged: OpenAPIObject = {
    ...host,
    paths: { ...host.paths },
    components: { ...host.components },
    tags: [...(host.tags ?? [])],
  };
  for (const module of modules) addModule(merged, module);
  return merged;
}

function addModule(merged: OpenAPIObject, { name, displayName, description, document }: ModuleDocument): void {
  const own = renameComponents(document, (component) => `${name}.${component}`);
  for (const [path, item] of Object.entries(own.paths)) {
    if (isOwnPath(name, path)) merged.paths[path] = moduleItem(name, item, own.security);
  }
  merged.components = joinComponents(merged.components ?? {}, own.components ?? {});
  merged.tags?.push({ name, description: [displayName, description].filter(Boolean).join(': ') });
}

const isOwnPath = (name: string, path: string): boolean =>
  path === moduleRoutePrefix(name) || path.startsWith(`${moduleRoutePrefix(name)}/`);

/** The document's own default for security would be lost in the merge: each operation bears it instead. */
function moduleItem(name: string, item: PathItem, security: OpenAPIObject['security']): PathItem {
  const result: PathItem = { ...item };
  for (const method of METHODS) {
    const operation = item[method];
    if (!operation) continue;
    result[method] = {
      ...(security && { security }),
      ...operation,
      tags: [name],
      ...(operation.operationId && { operationId: `${name}.${operation.operationId}` }),
    };
  }
  return result;
}

function joinComponents(left: Components, right: Components): Components {
  const joined: Record<string, object> = { ...left };
  for (const [section, entries] of Object.entries(right) as [string, object][]) {
    joined[section] = { ...joined[section], ...entries };
  }
  return joined;
}
