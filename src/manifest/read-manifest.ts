import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { hasErrorCode } from '../common/error-code.js';
import { type InputProblem } from '../common/errors/problem.js';
import { resolveInside } from '../common/resolve-inside.js';
import { type ManifestProblemCode } from './problem-catalogue.js';
import { type ManifestReading, validateManifest, type ValidationOptions } from './validate-manifest.js';

export const MANIFEST_FILE = 'manifest.json';

/** In bytes. */
export const MAX_MANIFEST_SIZE = 1024 * 1024;

/** A manifest's text, or why there is none. */
type FileReading = { readonly text: string } | { readonly problem: InputProblem };

/**
 * Reads and validates a folder's `manifest.json`. Whatever stands there, what is wrong with it is a problem of the reading.
 * @param folder absolute path of the module's folder
 */
export async function readManifest(
  folder: string,
  options: Pick<ValidationOptions, 'hostVersion'> = {},
): Promise<ManifestReading> {
  const file = await readFileSafely(folder);
  if ('problem' in file) return { problems: [file.problem] };
  const reading = await validateManifest(file.text, { ...options, folder });
  return { ...reading, problems: reading.problems.map((problem) => ({ file: MANIFEST_FILE, ...problem })) };
}

async function readFileSafely(folder: string): Promise<FileReading> {
  const resolved = await resolveInside(folder, MANIFEST_FILE);
  switch (resolved.outcome) {
    case 'missing':
      return problem('MANIFEST_MISSING', `the folder has no ${MANIFEST_FILE}`);
    case 'outside':
      return problem('MANIFEST_PATH_OUTSIDE', `${MANIFEST_FILE} is a link that leaves the module's folder`);
    case 'unreadable':
      return problem('MANIFEST_UNREADABLE', `${MANIFEST_FILE} cannot be read: ${resolved.cause.message}`);
    case 'inside':
      return readRegularFile(resolved.path);
  }
}

async function readRegularFile(path: string): Promise<FileReading> {
  let file: FileHandle;
  try {
    // Without O_NONBLOCK, opening a named pipe waits for a writer.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return problem('MANIFEST_UNREADABLE', `${MANIFEST_FILE} cannot be read: ${(error as Error).message}`);
  }
  try {
    const found = await file.stat();
    if (!found.isFile()) return problem('MANIFEST_NOT_A_FILE', `${MANIFEST_FILE} is not a regular file`);
    return decode(await readUpTo(file, MAX_MANIFEST_SIZE + 1));
  } finally {
    await file.close();
  }
}

/** Goes by what there is to read, not by the size the file had a moment ago. */
async function readUpTo(file: FileHandle, limit: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(limit);
  let length = 0;
  while (length < limit) {
    const { bytesRead } = await file.read(buffer, length, limit - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

function decode(bytes: Buffer): FileReading {
  if (bytes.length > MAX_MANIFEST_SIZE) return problem('MANIFEST_TOO_LARGE', `${MANIFEST_FILE} is over 1 MB`);
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    if (!hasErrorCode(error, 'ERR_ENCODING_INVALID_ENCODED_DATA')) throw error;
    return problem('MANIFEST_ENCODING', `${MANIFEST_FILE} is not UTF-8`);
  }
}

const problem = (code: ManifestProblemCode, message: string): FileReading => ({
  problem: { code, message, file: MANIFEST_FILE },
});
