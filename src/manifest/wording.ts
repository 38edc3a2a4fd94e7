import { type PointerSegment } from './json-pointer.js';

/** For a message: in backticks, and no longer than a line. */
export const quote = (text: string): string => `\`${text.length > 80 ? `${text.slice(0, 79)}…` : text}\``;

/** A place as an author says it: `jobs.collect.config`, `routes[0].path`. */
export function where(at: readonly PointerSegment[]): string {
  if (at.length === 0) return 'the manifest';
  const path = at.map((segment) => (typeof segment === 'number' ? `[${segment}]` : `.${segment}`)).join('');
  return quote(path.replace(/^\./, ''));
}
