import { type InjectionToken } from '@nestjs/common';
import { EXPORT_TOKEN_PREFIX } from '../../sdk/index.js';

/** What a dependent asks for. */
export interface AskedExport {
  readonly module: string;
  /** See {@link exportKey}. */
  readonly key: string;
}

/** undefined where the token is not one that `moduleExport()` of the sdk has made. */
export function parseExportToken(token: unknown): AskedExport | undefined {
  if (typeof token !== 'string' || !token.startsWith(EXPORT_TOKEN_PREFIX)) return undefined;
  const end = token.indexOf(':', EXPORT_TOKEN_PREFIX.length);
  if (end === -1) return undefined;
  return { module: token.slice(EXPORT_TOKEN_PREFIX.length, end), key: token.slice(end + 1) };
}

/** What dependents know a token by: they have neither the class nor the symbol. */
export const exportKey = (token: InjectionToken): string => (typeof token === 'function' ? token.name : String(token));
