import { readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { Inject, Injectable } from '@nestjs/common';
import { hasErrorCode } from '../../common/error-code.js';
import { LOGGER, type Logger } from '../../common/logging/logger.js';
import { Mutex } from '../../common/mutex.js';
import { HOST_CONFIG, type HostConfig } from '../../config/index.js';

/** Where users of modules begin: numbers that neither people nor services of a distribution have. */
const FIRST_ID = 52_000;

/** Whom a process runs as. */
export interface ModuleUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * A user for each module, where the host may change users, which takes root: then the kernel itself keeps a module from
 * the host's files, environment and memory, and from other modules'. Which module has which is kept in `DATA_DIR`, as
 * files may be left that belong to it.
 */
@Injectable()
export class ModuleUsers {
  readonly #reading = new Mutex();
  readonly #file: string;

  constructor(
    @Inject(HOST_CONFIG) config: Pick<HostConfig, 'dataDir'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#file = join(config.dataDir, 'module-users.json');
  }

  /**
   * @param folders what the process must be able to read
   * @returns undefined where it has to run as the host does
   */
  async userOf(module: string, folders: readonly string[]): Promise<ModuleUser | undefined> {
    if (process.getuid?.() !== 0) return undefined;
    const closed = await firstClosed(folders);
    if (closed !== undefined) {
      this.logger.warn(
        { module, folder: closed },
        `${module} runs as the host's own user, as others may not read ${closed}`,
      );
      return undefined;
    }
    return this.#reading.run(async () => {
      const users = await this.#read();
      const id = users[module] ?? Math.max(FIRST_ID - 1, ...Object.values(users)) + 1;
      if (users[module] === undefined)
        await writeFile(this.#file, JSON.stringify({ ...users, [module]: id }), { mode: 0o600 });
      return { uid: id, gid: id };
    });
  }

  async #read(): Promise<Readonly<Record<string, number>>> {
    try {
      return JSON.parse(await readFile(this.#file, 'utf8')) as Record<string, number>;
    } catch (error) {
      if (hasErrorCode(error, 'ENOENT')) return {};
      throw error;
    }
  }
}

const READ_AND_ENTER = 0o005;
const ENTER = 0o001;

/** The first folder on the way to one of these that is not open to everybody. */
async function firstClosed(folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    if (!(await isOpen(folder, READ_AND_ENTER))) return folder;
    for (let above = dirname(folder); above !== dirname(above); above = dirname(above)) {
      if (!(await isOpen(above, ENTER))) return above;
    }
  }
  return undefined;
}

/** A folder that is not there keeps nobody out. */
async function isOpen(folder: string, bits: number): Promise<boolean> {
  try {
    return ((await stat(folder)).mode & bits) === bits;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return true;
    throw error;
  }
}
