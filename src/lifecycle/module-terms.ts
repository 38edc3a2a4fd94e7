import { type ModuleTerms, type Release } from '../kernel/index.js';
import { type Module } from '../persistence/index.js';

/** What the operator has decided for a module; where nothing was, what its manifest asks for. */
export function moduleTerms(
  { isolation, permissions }: Pick<Module, 'isolation' | 'permissions'>,
  { manifest }: Pick<Release, 'manifest'>,
): ModuleTerms {
  return {
    isolation: isolation ?? manifest.isolation ?? 'inline',
    permissions: permissions?.granted ?? manifest.permissions ?? [],
  };
}
