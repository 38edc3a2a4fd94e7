import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasErrorCode } from './error-code.js';
import { NestdockError } from './errors/nestdock-error.js';

/** 256 bits: out of reach of guessing. */
const SECRET_BYTES = 32;
/** A shorter text is no secret of ours: the file was cut off, or written by hand in a hurry. */
const SHORTEST_SECRET = 16;

export interface SecretFile {
  readonly secret: string;
  /** True where this call made the file. */
  readonly created: boolean;
}

/**
 * The secret that the file keeps; made at random (base64url) where there is no file yet. The file is readable by its
 * owner only, and appears whole or not at all: of two hosts that start at once, both get the same secret.
 * @throws {NestdockError} SECRET_FILE_INVALID where the file holds no usable secret.
 */
export async function readOrCreateSecretFile(file: string): Promise<SecretFile> {
  const kept = await readSecret(file);
  if (kept !== undefined) return { secret: kept, created: false };
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  if (await writeOnce(file, `${secret}\n`)) return { secret, created: true };
  return readOrCreateSecretFile(file);
}

async function readSecret(file: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw new NestdockError('SECRET_FILE_INVALID', `${file} cannot be read`, { cause: error });
  }
  const secret = text.trim();
  if (secret.length >= SHORTEST_SECRET && !/\s/.test(secret)) return secret;
  throw new NestdockError(
    'SECRET_FILE_INVALID',
    `${file} does not hold one word of at least ${SHORTEST_SECRET} characters`,
  );
}

/** @returns false where another process made the file first. */
async function writeOnce(file: string, text: string): Promise<boolean> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // A link fails where the name is taken; a rename would replace the secret that another host has read already.
    await link(draft, file);
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
