import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { HOST_CONFIG, type HostConfig } from '../config/index.js';
import { type Generation, type Release } from '../kernel/index.js';

/** So many times the host may end while it loads a release; then it is not loaded any more. */
const MOST_DEATHS = 2;

/** What a file of the journal says, as JSON; the file is called `{module}.json`. */
export interface JournalEntry {
  readonly module: string;
  /** Digest of the release. */
  readonly release: string;
  /** How often a host has ended while this was so. */
  readonly deaths: number;
  /** Whether it is so now: an entry that a start finds like this is one more death. */
  readonly loading: boolean;
}

/**
 * Remembers on disk what is being loaded, so that after the host has ended without a word the next one knows during what.
 *
 * An entry is written before any code of a release runs, and removed once the load has ended, well or not. Where a start
 * finds one, the host died meanwhile: from then on modules are loaded one after another, so that a second death has one
 * cause. A release that two hosts have died of is not loaded again. The kernel keeps what is written when a process is
 * killed, so nothing waits for the disk.
 */
@Injectable()
export class LoadJournal implements BeforeApplicationShutdown {
  readonly #folder: string;
  readonly #entries = new Map<string, JournalEntry>();

  constructor(@Inject(HOST_CONFIG) { dataDir }: Pick<HostConfig, 'dataDir'>) {
    this.#folder = join(dataDir, 'loading');
  }

  /** Whether hosts before this one have died while they loaded something. */
  get hasSuspects(): boolean {
    return [...this.#entries.values()].some(({ deaths }) => deaths > 0);
  }

  /** Reads what the last host has left. To be called once, before anything is loaded. */
  open(): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    for (const file of readdirSync(this.#folder)) {
      const entry = readEntry(join(this.#folder, file));
      if (!entry) continue;
      this.#write({ ...entry, deaths: entry.deaths + (entry.loading ? 1 : 0), loading: false });
    }
  }

  /** @throws {NestdockError} MODULE_KILLED_HOST */
  assertInnocent({ name, digest }: Release): void {
    const entry = this.#entries.get(name);
    if (!entry || entry.release !== digest || entry.deaths < MOST_DEATHS) return;
    throw new NestdockError('MODULE_KILLED_HOST', `the host ended ${entry.deaths} times while it loaded ${name}`, {
      extensions: { deaths: entry.deaths, release: digest },
    });
  }

  /** The code of a generation is about to run. @returns what says that its load has ended */
  begin({ name, release, isolation }: Generation): () => void {
    if (isolation === 'process') return () => undefined; // it takes nobody with it
    const known = this.#entries.get(name);
    const deaths = known?.release === release.digest ? known.deaths : 0;
    this.#write({ module: name, release: release.digest, deaths, loading: true });
    return () => this.forget(name);
  }

  /** Whatever was said of a module counts no more. */
  forget(name: string): void {
    if (this.#entries.delete(name)) rmSync(this.#file(name), { force: true });
  }

  /** A host that is told to stop dies of nothing. */
  beforeApplicationShutdown(): void {
    for (const entry of this.#entries.values()) {
      if (entry.deaths === 0) this.forget(entry.module);
      else if (entry.loading) this.#write({ ...entry, loading: false });
    }
  }

  #write(entry: JournalEntry): void {
    this.#entries.set(entry.module, entry);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    writeFileSync(this.#file(entry.module), JSON.stringify(entry), { mode: 0o600 });
  }

  #file(module: string): string {
    return join(this.#folder, `${module}.json`);
  }
}

/** undefined where it was cut short: the host died while it wrote, and not of the module. */
function readEntry(file: string): JournalEntry | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as JournalEntry;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    rmSync(file, { force: true });
    return undefined;
  }
}
