import { readFile, stat } from 'node:fs/promises';
import { hasErrorCode } from '../../common/error-code.js';
import { resolveInside } from '../../common/resolve-inside.js';
import { quote } from '../wording.js';
import { type MigrationFlaw } from './migration-source.js';

/** In bytes. */
const MAX_SIZE = 16 * 1024 * 1024;

/** A file's text with `\n` for line ends and without a byte order mark, or why there is none. */
export type MigrationText = { readonly text: string } | MigrationFlaw;

/** @param file path from `folder`, the module's */
export async function readMigrationText(folder: string, file: string): Promise<MigrationText> {
  const unreadable = (why: string): MigrationFlaw => ({
    code: 'MANIFEST_MIGRATION_UNREADABLE',
    file,
    message: `${quote(file)} ${why}`,
  });
  const resolved = await resolveInside(folder, file);
  if (resolved.outcome === 'outside') {
    const message = `${quote(file)} leads out of the module's folder, by a symbolic link`;
    return { code: 'MANIFEST_PATH_OUTSIDE', file, message };
  }
  if (resolved.outcome === 'missing') return unreadable('is a link to nothing');
  if (resolved.outcome === 'unreadable') return unreadable(`cannot be read: ${resolved.cause.message}`);
  const found = await stat(resolved.path);
  if (!found.isFile()) return unreadable('is not a file');
  if (found.size > MAX_SIZE) return unreadable('is over 16 MB');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(resolved.path));
    return { text: text.replace(/\r\n?/g, '\n') };
  } catch (error) {
    if (hasErrorCode(error, 'ERR_ENCODING_INVALID_ENCODED_DATA')) return unreadable('is not UTF-8');
    if (hasErrorCode(error, 'EACCES')) return unreadable('cannot be read: permission denied');
    throw error;
  }
}
