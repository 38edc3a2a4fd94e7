import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { NestdockError } from '../common/errors/nestdock-error.js';

/** Packages that must be one instance in the process; `@nestjs/*` joins them where the host has the package. */
const SHARED_PACKAGES: ReadonlySet<string> = new Set([
  'class-transformer',
  'class-validator',
  'fastify',
  'nestdock',
  'reflect-metadata',
  'rxjs',
  'typeorm',
]);

/** The package of a bare specifier: `@nestjs/core/router/x.js` is of `@nestjs/core`. */
export const packageNameOf = (specifier: string): string =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** The packages that every module shares with the host. */
@Injectable()
export class HostPackages {
  readonly #available = new Map<string, boolean>();
  readonly #loaded = new Map<string, Promise<unknown>>();
  #fingerprint: string | undefined;

  /** Whether the host answers a specifier, sub-paths included; else the module's own folder must. */
  provides(specifier: string): boolean {
    const name = packageNameOf(specifier);
    if (!name.startsWith('@nestjs/')) return SHARED_PACKAGES.has(name);
    let available = this.#available.get(name);
    if (available === undefined) {
      available = nodeModulesAbove().some((folder) => existsSync(join(folder, name, 'package.json')));
      this.#available.set(name, available);
    }
    return available;
  }

  /** Names whatever decides between shared and bundled: a bundle made under another fingerprint is stale. */
  fingerprint(): string {
    this.#fingerprint ??= [...SHARED_PACKAGES, ...nestPackages()].sort().join(' ');
    return this.#fingerprint;
  }

  /**
   * Imports what a bundle shares with the host.
   * @returns by specifier, what `require(specifier)` answers.
   * @throws HOST_PACKAGE_UNAVAILABLE where the host's package has no such sub-path.
   */
  async load(specifiers: readonly string[]): Promise<ReadonlyMap<string, unknown>> {
    return new Map(
      await Promise.all(specifiers.map(async (specifier) => [specifier, await this.#import(specifier)] as const)),
    );
  }

  #import(specifier: string): Promise<unknown> {
    let loaded = this.#loaded.get(specifier);
    if (!loaded) {
      loaded = importFromHost(specifier).then(asRequired);
      this.#loaded.set(specifier, loaded);
      loaded.catch(() => this.#loaded.delete(specifier));
    }
    return loaded;
  }
}

/** Names below `@nestjs` that the host has. */
function nestPackages(): Set<string> {
  const scopes = nodeModulesAbove().map((folder) => join(folder, '@nestjs'));
  return new Set(scopes.filter((scope) => existsSync(scope)).flatMap((scope) => readdirSync(scope)));
}

async function importFromHost(specifier: string): Promise<object> {
  try {
    return (await (specifier === 'nestdock' ? import('../sdk/index.js') : import(specifier))) as object;
  } catch (cause) {
    throw new NestdockError('HOST_PACKAGE_UNAVAILABLE', `The host cannot import "${specifier}".`, { cause });
  }
}

/**
 * What `require` gives for a namespace. A CommonJS package's namespace repeats the names of its default,
 * which is `module.exports`. An ES module with a default of its own is marked, so that a bundle's
 * `import x from` takes that default.
 */
export function asRequired(namespace: object): unknown {
  if (!('default' in namespace)) return namespace;
  const { default: whole, ...named } = namespace;
  const isCommonJs =
    ((typeof whole === 'object' && whole !== null) || typeof whole === 'function') &&
    Object.entries(named).every(([name, value]) => name === 'module.exports' || Reflect.get(whole, name) === value);
  return isCommonJs ? whole : { ...namespace, __esModule: true };
}

/** Every `node_modules` that the host's own code may find packages in, nearest first. */
function nodeModulesAbove(folder = import.meta.dirname): string[] {
  const parent = dirname(folder);
  return [join(folder, 'node_modules'), ...(parent === folder ? [] : nodeModulesAbove(parent))];
}
