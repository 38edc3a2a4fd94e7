import { createHash, randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hasErrorCode } from '../../common/error-code.js';

/** What the name of a file that is being written ends with. */
export const UNFINISHED = '.tmp';

const digestOf = (body: string): string => createHash('sha256').update(body).digest('hex');

/** Writes a file whole or not at all, headed by the SHA-256 of the rest. */
export async function writeCheckedFile(path: string, body: string): Promise<void> {
  const unfinished = `${path}.${randomUUID()}${UNFINISHED}`;
  try {
    await writeFile(unfinished, `${digestOf(body)}\n${body}`, { mode: 0o600 });
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** undefined where there is no such file, or where it is not as it was written. */
export async function readCheckedFile(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const end = text.indexOf('\n');
  const body = text.slice(end + 1);
  return text.slice(0, end) === digestOf(body) ? body : undefined;
}
