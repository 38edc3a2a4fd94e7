import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';

/** Where a path of a module's leads, links followed. */
export type InsidePath =
  /** `path` is absolute and real. */
  | { readonly outcome: 'inside'; readonly path: string }
  | { readonly outcome: 'outside' }
  | { readonly outcome: 'missing' }
  /** It cannot be looked at: no permission, a loop of links. */
  | { readonly outcome: 'unreadable'; readonly cause: Error };

/** Whether `path` is `folder` or below it, going by the text alone. Both are absolute. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/**
 * Resolves a path that a module's author wrote, and refuses one that leaves the module's folder,
 * by `..` or by a symbolic link.
 * @param folder absolute path of the module's folder, which must exist
 */
export async function resolveInside(folder: string, path: string): Promise<InsidePath> {
  const written = resolve(folder, path);
  if (!isWithin(resolve(folder), written)) return { outcome: 'outside' };
  if (path.includes('\0')) return { outcome: 'missing' };
  try {
    const [realFolder, real] = [await realpath(folder), await realpath(written)];
    return isWithin(realFolder, real) ? { outcome: 'inside', path: real } : { outcome: 'outside' };
  } catch (thrown) {
    const cause = thrown as NodeJS.ErrnoException;
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return { outcome: 'missing' };
    if (cause.code === undefined) throw thrown;
    return { outcome: 'unreadable', cause };
  }
}
