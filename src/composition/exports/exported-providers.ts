import { type InjectionToken } from '@nestjs/common';
import { type InstanceWrapper, type NestModuleRef } from '../nest-internals.js';
import { exportKey } from './export-key.js';

/** What a generation offers to dependents, by key. */
export type ExportedProviders = ReadonlyMap<string, ExportedProvider>;

export interface ExportedProvider {
  /** As it is now; Nest makes it once. */
  instance(): object;
  /** Why dependents cannot have it; absent where they can. */
  readonly flaw?: string;
}

/** What a module's Nest entry lists in `exports`, and what the modules export that stand there. */
export function exportedProviders(root: NestModuleRef): ExportedProviders {
  const found = new Map<string, ExportedProvider>();
  for (const [token, wrapper] of exportedWrappers(root)) {
    const key = exportKey(token);
    const flaw = found.has(key) ? 'it is the name of two exports' : flawOf(wrapper);
    found.set(key, { instance: () => wrapper.instance as object, ...(flaw !== undefined && { flaw }) });
  }
  return found;
}

function exportedWrappers(root: NestModuleRef): Map<InjectionToken, InstanceWrapper> {
  const wrappers = new Map<InjectionToken, InstanceWrapper>();
  const visited = new Set([root]);
  for (const module of visited) {
    for (const token of module.exports) {
      const wrapper = module.providers.get(token);
      if (wrapper) wrappers.set(token, wrapper);
      for (const imported of module.imports) if (imported.metatype === token) visited.add(imported);
    }
  }
  return wrappers;
}

function flawOf(wrapper: InstanceWrapper): string | undefined {
  if (wrapper.isTransient) return 'it is transient';
  if (!wrapper.isDependencyTreeStatic()) return 'it is made anew for each request';
  const instance: unknown = wrapper.instance;
  if ((typeof instance === 'object' && instance !== null) || typeof instance === 'function') return undefined;
  return `it is ${instance === null ? 'null' : `of type ${typeof instance}`}, and neither an object nor a function`;
}
