import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasErrorCode } from '../../common/error-code.js';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { unpackFolder } from './template.js';

/** The PostgreSQL that is built into PGlite. Another major version cannot read its files. */
const POSTGRES_MAJOR = '18';

/** Where a data folder keeps the embedded database. */
export const databaseFolder = (dataDir: string): string => join(dataDir, 'database');

/** Makes the data folder where there is none: its owner's alone, since secrets are kept in it. */
export async function prepareDataDir(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const probe = join(dataDir, `.writable-${randomUUID()}`);
    await (await open(probe, 'wx')).close();
    await rm(probe);
  } catch (error) {
    throw new NestdockError('DATA_DIR_UNUSABLE', `${dataDir} cannot be written`, { cause: error });
  }
}

/**
 * Makes the database's folder from the template, or else by `init`, where there is none. It appears whole or not at
 * all: a start that is cut off leaves no half of a database to the next one. The caller holds the lock.
 */
export async function prepareDatabaseFolder(
  dataDir: string,
  template: string,
  init: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = databaseFolder(dataDir);
  const major = await readIfThere(join(folder, 'PG_VERSION'));
  if (major !== undefined) return checkVersion(major.toString().trim(), folder);
  const draft = `${folder}.draft-${randomUUID()}`;
  await removeDrafts(folder);
  await mkdir(draft, { mode: 0o700 });
  const packed = await readIfThere(template);
  if (packed) await unpackFolder(packed, draft);
  else await init(draft);
  await rename(draft, folder);
  await syncFolder(dataDir);
}

function checkVersion(major: string, folder: string): void {
  if (major === POSTGRES_MAJOR) return;
  throw new NestdockError(
    'DATABASE_INCOMPATIBLE',
    `${folder} was written by PostgreSQL ${major}; this host reads ${POSTGRES_MAJOR}`,
  );
}

async function removeDrafts(folder: string): Promise<void> {
  const parent = dirname(folder);
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    if (path.startsWith(`${folder}.draft-`)) await rm(path, { recursive: true, force: true });
  }
}

/** Makes the renaming last. Not every system syncs folders. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!hasErrorCode(error, 'EINVAL') && !hasErrorCode(error, 'EPERM')) throw error;
  } finally {
    await handle.close();
  }
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
