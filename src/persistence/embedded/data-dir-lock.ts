import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode } from '../../common/error-code.js';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { announcePresence, isPresent } from './presence.js';
import { isAlive, ownIdentity, type ProcessIdentity } from '../../common/process-identity.js';

const LOCK = 'host.lock';

/** What a holder writes of itself. */
interface HolderRecord extends ProcessIdentity {
  /** Whether the holder listens at the socket beside this file. */
  readonly socket: boolean;
}

/**
 * The lock of one host on its data folder: the folder `host.lock` with the holder's record in it.
 *
 * The record is written in a folder of its own, which is then renamed to `host.lock`: that succeeds only where there
 * is none, or an empty one, so of several at once one gets in. Each record has a name that is never used again: taking
 * away a dead holder's can never hit the record of one that was quicker.
 *
 * A holder of the same machine start and pid namespace is known by its pid and start time. Another container's pid
 * says nothing here: whether that holder lives, the kernel tells through the socket it listens on.
 */
export class DataDirLock {
  private constructor(
    private readonly folder: string,
    private readonly record: string,
    private readonly endPresence: () => Promise<void>,
  ) {}

  /** @throws {NestdockError} DATA_DIR_LOCKED while another host lives that holds the folder. */
  static async acquire(dataDir: string): Promise<DataDirLock> {
    const folder = join(dataDir, LOCK);
    const record = randomUUID();
    const draft = `${folder}.${record}`;
    await mkdir(draft, { mode: 0o700 });
    const presence = await announcePresence(join(draft, `${record}.sock`));
    const endPresence = async () => presence?.end();
    try {
      const own: HolderRecord = { ...(await ownIdentity()), socket: presence !== undefined };
      await writeFile(join(draft, `${record}.json`), JSON.stringify(own), { mode: 0o600 });
      while (!(await isMoved(draft, folder))) await clearOfTheDead(folder, dataDir);
      return new DataDirLock(folder, record, endPresence);
    } catch (error) {
      await endPresence();
      await rm(draft, { recursive: true, force: true });
      throw error;
    }
  }

  async release(): Promise<void> {
    await this.endPresence();
    await removeRecord(this.folder, this.record);
  }
}

/** @returns false where another's record is in the way. */
async function isMoved(draft: string, folder: string): Promise<boolean> {
  try {
    await rename(draft, folder);
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'ENOTEMPTY') || hasErrorCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function clearOfTheDead(folder: string, dataDir: string): Promise<void> {
  const names = await orIfMissing(readdir(folder), []);
  for (const record of new Set(names.map((name) => name.replace(/\.[a-z]+$/, '')))) {
    const holder = await readRecord(join(folder, `${record}.json`));
    if (holder && (await lives(holder, join(folder, `${record}.sock`)))) {
      throw new NestdockError('DATA_DIR_LOCKED', `the host with pid ${holder.pid} holds ${dataDir}`, {
        extensions: { pid: holder.pid },
      });
    }
    await removeRecord(folder, record);
  }
}

async function lives(holder: HolderRecord, socket: string): Promise<boolean> {
  const alive = await isAlive(holder);
  if (alive !== undefined) return alive;
  // Neither pid nor socket tells: better to refuse a start than to let two hosts write.
  return holder.socket ? isPresent(socket) : true;
}

/** @returns undefined for a record that was cut off by a crash of the machine, or is gone. */
async function readRecord(file: string): Promise<HolderRecord | undefined> {
  const text = await orIfMissing(readFile(file, 'utf8'), '');
  try {
    return JSON.parse(text) as HolderRecord;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The record goes last: while it is there, the folder is not free. */
async function removeRecord(folder: string, record: string): Promise<void> {
  await orIfMissing(unlink(join(folder, `${record}.sock`)), undefined);
  await orIfMissing(unlink(join(folder, `${record}.json`)), undefined);
  try {
    await rmdir(folder);
  } catch (error) {
    // Another host was quicker: to take the lock, or to remove the empty folder.
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].some((code) => hasErrorCode(error, code))) throw error;
  }
}

async function orIfMissing<T>(work: Promise<T>, fallback: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return fallback;
    throw error;
  }
}
