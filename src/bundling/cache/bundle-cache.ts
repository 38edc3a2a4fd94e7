import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { hasErrorCode } from '../../common/error-code.js';
import { HOST_CONFIG, type HostConfig } from '../../config/index.js';
import { type Bundle } from '../../kernel/index.js';
import { type CompileResult } from '../compiler/compilation.js';
import { readCheckedFile, UNFINISHED, writeCheckedFile } from './checked-file.js';
import { unchangedInput } from './input-file.js';

/** What a bundle is kept under. */
export interface BundleCacheKey {
  /** Real path of the module's folder: it has one entry, its latest. */
  readonly folder: string;
  /** Whatever else decides what the folder compiles to: the compiler, and the files that the manifest names. */
  readonly fingerprint: string;
}

interface CacheEntry extends CompileResult {
  readonly fingerprint: string;
}

/** Entries kept at most, the latest written; twice what one host is made for. */
const MAX_ENTRIES = 2_000;
/** Looks for entries to drop at the first write, and then after as many. */
const WRITES_PER_PRUNE = 100;
/** A file that is unfinished for longer (ms) is what a crash has left. */
const ABANDONED_AFTER_MS = 60_000;
const EXTENSION = '.bundle';

/**
 * The bundles of earlier builds, in `DATA_DIR/bundles`. An entry is good as long as every file it was made of has
 * the same content, which the file's times tell in most cases. A damaged entry is none.
 */
@Injectable()
export class BundleCache {
  readonly #folder: string;
  #writes = 0;

  constructor(@Inject(HOST_CONFIG) config: Pick<HostConfig, 'dataDir'>) {
    this.#folder = join(config.dataDir, 'bundles');
  }

  async find(key: BundleCacheKey): Promise<Bundle | undefined> {
    const body = await readCheckedFile(this.#path(key));
    if (body === undefined) return undefined;
    const entry = JSON.parse(body) as CacheEntry;
    if (entry.fingerprint !== key.fingerprint) return undefined;
    const inputs = await Promise.all(entry.inputs.map(unchangedInput));
    if (!inputs.every((input) => input !== undefined)) return undefined;
    // Touched, but the same: the new times spare the next look the reading.
    const restamped = inputs.some((input, index) => input.stamp !== entry.inputs[index]?.stamp);
    if (restamped) await this.store(key, { bundle: entry.bundle, inputs });
    return entry.bundle;
  }

  async store(key: BundleCacheKey, { bundle, inputs }: CompileResult): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await writeCheckedFile(
      this.#path(key),
      JSON.stringify({ fingerprint: key.fingerprint, inputs, bundle } satisfies CacheEntry),
    );
    if (this.#writes++ % WRITES_PER_PRUNE === 0) await this.prune(MAX_ENTRIES);
  }

  /** Drops all but the latest written entries, and what a crash has left unfinished. */
  async prune(keep: number): Promise<void> {
    const names = await this.#names();
    const dated = await Promise.all(
      names.map(async (name) => ({ name, writtenAt: await writtenAt(join(this.#folder, name)) })),
    );
    const entries = dated.filter(({ name }) => name.endsWith(EXTENSION)).sort((a, b) => b.writtenAt - a.writtenAt);
    const abandoned = dated.filter(
      ({ name, writtenAt }) => name.endsWith(UNFINISHED) && writtenAt < Date.now() - ABANDONED_AFTER_MS,
    );
    await Promise.all(
      [...entries.slice(keep), ...abandoned].map(({ name }) => rm(join(this.#folder, name), { force: true })),
    );
  }

  async forget(folder: string): Promise<void> {
    await rm(this.#path({ folder }), { force: true });
  }

  /** Drops the entries of all folders but these: also of those that were to be forgotten when a crash came. */
  async keepOnly(folders: readonly string[]): Promise<void> {
    const kept = new Set(folders.map((folder) => entryName(folder)));
    const stale = (await this.#names()).filter((name) => name.endsWith(EXTENSION) && !kept.has(name));
    await Promise.all(stale.map((name) => rm(join(this.#folder, name), { force: true })));
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.#folder);
    } catch (error) {
      if (hasErrorCode(error, 'ENOENT')) return []; // nothing was ever stored
      throw error;
    }
  }

  #path({ folder }: Pick<BundleCacheKey, 'folder'>): string {
    return join(this.#folder, entryName(folder));
  }
}

const entryName = (folder: string): string =>
  createHash('sha256').update(folder).digest('hex').slice(0, 32) + EXTENSION;

/** Milliseconds of the epoch; 0 where another call has dropped the file meanwhile. */
async function writtenAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return 0;
    throw error;
  }
}
