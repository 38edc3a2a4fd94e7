import { mkdir, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { gunzip, gzip, type ZlibOptions } from 'node:zlib';

/** A folder's content: paths relative to it, parents first; null for a folder. */
type PackedFiles = [path: string, content: Uint8Array | null][];

const gzipped = promisify<Buffer, ZlibOptions, Buffer>(gzip);

/** Files that are written and synced at a time. */
const PARALLEL_WRITES = 16;

/** The folder as one compressed text: a new database starts from it in a fraction of the time that initdb takes. */
export async function packFolder(folder: string): Promise<Buffer> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.map((entry) => ({ entry, path: join(entry.parentPath, entry.name).slice(folder.length + 1) }));
  paths.sort((a, b) => (a.path < b.path ? -1 : 1));
  const files: PackedFiles = [];
  for (const { entry, path } of paths) {
    files.push([path, entry.isDirectory() ? null : await readFile(join(folder, path))]);
  }
  // Most of it is empty pages, which the fastest level packs nearly as well as the best.
  return gzipped(serialize(files), { level: 1 });
}

/** Writes what {@link packFolder} has packed into an empty folder, down to the disk. */
export async function unpackFolder(packed: Buffer, folder: string): Promise<void> {
  const files = deserialize(await promisify(gunzip)(packed)) as PackedFiles;
  for (const [path, content] of files) if (content === null) await mkdir(join(folder, path), { mode: 0o700 });
  const pending = files.values();
  const write = async (): Promise<void> => {
    for (const [path, content] of pending) if (content !== null) await writeSynced(join(folder, path), content);
  };
  await Promise.all(Array.from({ length: PARALLEL_WRITES }, write));
}

async function writeSynced(file: string, content: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
