import { Inject } from '@nestjs/common';

/** What an {@link ExportToken} begins with; module and export follow, parted by a colon. */
export const EXPORT_TOKEN_PREFIX = 'nestdock:export:';

declare const EXPORTED: unique symbol;

/** Injection token of what another module exports, as a `T`. */
export type ExportToken<T> = string & { readonly [EXPORTED]?: T };

/**
 * Token of a provider that another module's Nest entry lists in its `exports`. That module must stand in the
 * `dependencies` of this one's manifest. For `context.get()`, and for `inject` of a factory.
 * @param provider the class's name; or the string or symbol that is its token. Symbols are told by their description,
 * as two modules never share one.
 */
export function moduleExport<T = unknown>(moduleName: string, provider: string | symbol): ExportToken<T> {
  return `${EXPORT_TOKEN_PREFIX}${moduleName}:${String(provider)}`;
}

/**
 * Injects what another module exports; see {@link moduleExport}. What is injected forwards each call to the code of
 * the other module that serves at that moment: after a reload, to the new one.
 */
export const InjectExport = (moduleName: string, provider: string | symbol): ParameterDecorator & PropertyDecorator =>
  Inject(moduleExport(moduleName, provider));
