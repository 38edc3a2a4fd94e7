import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHostDatabase } from '../open-host-database.js';
import { databaseFolder } from './data-folder.js';
import { packFolder } from './template.js';

/** Makes a database with the schema of this version, and packs it into `file`. Takes as long as initdb: some seconds. */
export async function makeTemplate(file: string): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'nestdock-template-'));
  try {
    const database = await openHostDatabase({ databaseUrl: undefined, dataDir, template: join(dataDir, 'none') });
    await database.close();
    const draft = `${file}.${process.pid}`;
    await writeFile(draft, await packFolder(databaseFolder(dataDir)));
    await rename(draft, file);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
