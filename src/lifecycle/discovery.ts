import { readdir, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { hasErrorCode } from '../common/error-code.js';
import { type ManifestReading, readManifest } from '../manifest/index.js';

/** A folder with a manifest, as it was found. */
export interface FoundModule {
  /** The manifest's name if that is valid, else the folder's. */
  readonly name: string;
  /** Absolute path. */
  readonly folder: string;
  readonly reading: ManifestReading;
}

/** Folders below `modulesDir` that have a manifest, in the order of their names. A missing `modulesDir` has none. */
export async function discover(modulesDir: string): Promise<FoundModule[]> {
  const folders = await moduleFolders(modulesDir);
  const found: FoundModule[] = [];
  for (const folder of folders) found.push(await inspect(folder));
  return found;
}

export async function inspect(folder: string): Promise<FoundModule> {
  const reading = await readManifest(folder);
  return { name: reading.name ?? basename(folder), folder, reading };
}

async function moduleFolders(modulesDir: string): Promise<string[]> {
  const names = await entriesOf(modulesDir);
  const folders = names.filter((name) => !name.startsWith('.') && name !== 'node_modules').sort();
  const checked = await Promise.all(
    folders.map(async (name) => ((await hasManifest(join(modulesDir, name))) ? join(modulesDir, name) : undefined)),
  );
  return checked.filter((folder) => folder !== undefined);
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function hasManifest(folder: string): Promise<boolean> {
  try {
    await stat(join(folder, 'manifest.json'));
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Whether a path lies below a folder, and is not the folder itself. Compares the texts: both are absolute. */
export function isBelow(folder: string, path: string): boolean {
  return path.startsWith(folder + sep);
}

const isMissing = (error: unknown): boolean => hasErrorCode(error, 'ENOENT') || hasErrorCode(error, 'ENOTDIR');
