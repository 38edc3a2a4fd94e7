import { realpathSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { join } from 'node:path';
import { type Surroundings } from '../../kernel/index.js';
import { NATIVE_ADDON } from '../compiler/import-resolver.js';
import { type ModuleScope } from '../compiler/module-scope.js';
import { type HostPackages } from '../host-packages.js';

export interface ModuleRequire {
  (specifier: string): unknown;
  resolve(specifier: string): string;
}

/** As Node's own, whose code packages look at to go without what is not installed. */
class ModuleNotFoundError extends Error {
  readonly code = 'MODULE_NOT_FOUND';
}

/**
 * The `require` of one bundle: packages of the host, Node's own modules, native addons, and what code of the module
 * asks for by a name that only shows when it runs.
 * @param shared the host's packages that the bundle names
 * @param surroundings what the code gets of those, and of Node's own modules
 */
export function createModuleRequire(
  scope: ModuleScope,
  shared: ReadonlyMap<string, unknown>,
  hostPackages: HostPackages,
  surroundings: Surroundings,
): ModuleRequire {
  const nodeRequire = createRequire(join(scope.folder, 'package.json'));

  function resolve(specifier: string): string {
    if (isBuiltin(specifier)) return specifier;
    const path = specifier.startsWith(NATIVE_ADDON)
      ? join(scope.folder, specifier.slice(NATIVE_ADDON.length))
      : nodeRequire.resolve(specifier);
    if (scope.allows(realpathSync(path))) return path;
    throw new ModuleNotFoundError(`Cannot find module '${specifier}' in the module's folder`);
  }

  function moduleRequire(specifier: string): unknown {
    if (shared.has(specifier)) return surroundings.required(specifier, shared.get(specifier));
    if (hostPackages.provides(specifier)) {
      throw new ModuleNotFoundError(
        `Cannot find module '${specifier}': it is the host's, and must be named in an import`,
      );
    }
    const found: unknown = nodeRequire(resolve(specifier));
    return isBuiltin(specifier) ? surroundings.required(specifier.replace(/^node:/, ''), found) : found;
  }

  return Object.assign(moduleRequire, { resolve });
}
