import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import { hasErrorCode } from '../common/error-code.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type InputProblem, type Problem } from '../common/errors/problem.js';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { Mutex } from '../common/mutex.js';
import { HOST_CONFIG, type HostConfig } from '../config/index.js';
import { type ModuleStatus } from '../kernel/index.js';
import { validateManifest } from '../manifest/index.js';
import { type Module } from '../persistence/index.js';
import { discover, type FoundModule, inspect, isBelow } from './discovery.js';
import { ModuleLoaderService } from './module-loader.service.js';
import { ModuleRecords } from './module-records.js';
import { ModuleReleases } from './module-releases.js';
import { ModuleTransactions } from './module-transactions.js';
import { type ModuleView } from './module-view.js';

/** What a scan has found, by module name. */
export interface ScanReport {
  readonly registered: string[];
  readonly updated: string[];
  /** Rows whose folder is gone; what they have loaded goes on. */
  readonly missing: string[];
  /** Modules whose manifest has problems; each row's `error` has them. */
  readonly invalid: string[];
}

export interface ModuleFilter {
  readonly status?: ModuleStatus;
}

/** Which modules there are: finds folders, keeps their rows, answers what is known of them. */
@Injectable()
export class ModuleRegistryService {
  readonly #scanning = new Mutex();

  constructor(
    private readonly records: ModuleRecords,
    private readonly loader: ModuleLoaderService,
    private readonly transactions: ModuleTransactions,
    private readonly releases: ModuleReleases,
    @Inject(HOST_CONFIG) private readonly config: HostConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async list({ status }: ModuleFilter = {}): Promise<{ items: ModuleView[]; total: number; nextCursor: null }> {
    const items = (await this.records.all(status)).map((row) => this.loader.view(row));
    return { items, total: items.length, nextCursor: null };
  }

  async get(name: string): Promise<ModuleView> {
    return this.loader.view(await this.records.get(name));
  }

  /** Looks through `MODULES_DIR`: new folders become rows, changed ones update theirs where nothing is enabled. */
  scan(): Promise<ScanReport> {
    return this.#scanning.run(async () => {
      const found = await discover(this.config.modulesDir);
      const rows = new Map((await this.records.all()).map((row) => [row.name, row]));
      const report: ScanReport = { registered: [], updated: [], missing: [], invalid: [] };
      for (const claimants of groupByName(found).values()) await this.#settle(claimants, rows, report);
      for (const row of rows.values()) if (await this.#isGone(row)) report.missing.push(row.name);
      this.logger.info({ ...report, found: found.length }, 'Modules scanned');
      return report;
    });
  }

  /**
   * Registers one folder, or a new folder for a module that is not enabled.
   * @throws MODULE_PATH_FORBIDDEN, MODULE_FOLDER_MISSING, MODULE_ENABLED
   */
  async register(path: string): Promise<ModuleView> {
    const found = await inspect(await this.#allowedFolder(path));
    return this.#scanning.run(() =>
      this.loader.exclusively(found.name, 'register', async () => {
        const row = await this.records.find(found.name);
        if (row?.status === 'ENABLED' && row.path !== found.folder) {
          throw new NestdockError('MODULE_ENABLED', `${found.name} is enabled from ${row.path}`);
        }
        if (row?.status !== 'ENABLED') await this.#write(found, row ?? undefined, manifestProblem(found));
        return this.get(found.name);
      }),
    );
  }

  /** What is wrong with a manifest, or with the folder that has it. Changes nothing. */
  async validate(
    input: { readonly manifest: unknown } | { readonly path: string },
  ): Promise<{ valid: boolean; problems: readonly InputProblem[] }> {
    const problems =
      'path' in input
        ? (await inspect(await this.#allowedFolder(input.path))).reading.problems
        : (await validateManifest(input.manifest)).problems;
    return { valid: problems.length === 0, problems };
  }

  /**
   * Forgets a module that is not enabled. Its folder stays where it is; a scan finds it again, with its data.
   * @throws MODULE_NOT_FOUND or MODULE_ENABLED
   */
  async forget(name: string): Promise<void> {
    await this.loader.exclusively(name, 'forget', () => this.transactions.remove(name, { purge: false }));
    this.loader.forget(name);
  }

  /**
   * Forgets a module that is not enabled, and drops its tables, settings, jobs, runs and bundle. Its folder stays.
   * @throws MODULE_NOT_FOUND or MODULE_ENABLED
   */
  async purge(name: string): Promise<void> {
    await this.loader.exclusively(name, 'purge', async () => {
      const row = await this.records.get(name);
      await this.transactions.remove(name, { purge: true });
      await this.releases.forget(row); // where the host ends before, sweep() does it at the next start
    });
    this.loader.forget(name);
  }

  /** Drops the bundles of modules that are not registered. To be called at start, before a scan registers them anew. */
  async sweep(): Promise<void> {
    await this.releases.keepOnly(await this.records.all());
  }

  /** Several folders may claim one name: the one that has it already keeps it, else none gets it. */
  async #settle(claimants: readonly FoundModule[], rows: Map<string, Module>, report: ScanReport): Promise<void> {
    const [first] = claimants as [FoundModule];
    const row = rows.get(first.name);
    const found = claimants.find(({ folder }) => folder === row?.path) ?? first;
    const error = claimants.length > 1 ? conflictProblem(claimants) : manifestProblem(found);
    if (error) report.invalid.push(found.name);
    if (row?.status === 'ENABLED') return;
    if (row && !isBelow(this.config.modulesDir, row.path) && !(await this.#isGone(row))) return;
    if (!row) report.registered.push(found.name);
    else if (!this.#differs(row, found, error)) return;
    else report.updated.push(found.name);
    await this.#write(found, row, error);
  }

  async #write(found: FoundModule, row: Module | undefined, error: Problem | null): Promise<void> {
    const { manifest } = found.reading;
    const values = {
      name: found.name,
      path: found.folder,
      manifest: manifest ?? null,
      version: manifest?.version ?? null,
      error,
    };
    if (row) await this.records.update(found.name, values);
    else await this.records.insert(values);
  }

  #differs(row: Module, { folder, reading }: FoundModule, error: Problem | null): boolean {
    const manifest = reading.manifest ?? null;
    // What a load failed with stays on the row until the module is tried again or its manifest changes.
    const unchanged = row.path === folder && isDeepStrictEqual(row.manifest, manifest);
    return !unchanged || (error !== null && !isDeepStrictEqual(row.error, error)) || isFromScan(row.error, error);
  }

  async #isGone(row: Module): Promise<boolean> {
    return (await realFolder(row.path)) === undefined;
  }

  async #allowedFolder(path: string): Promise<string> {
    const folder = await realFolder(resolve(path));
    const roots = await Promise.all(this.config.moduleRoots.map(async (root) => (await realFolder(root)) ?? root));
    if (!roots.some((root) => isBelow(root, folder ?? resolve(path)))) {
      throw new NestdockError('MODULE_PATH_FORBIDDEN', `${path} is under none of ${roots.join(', ')}`);
    }
    if (folder === undefined) throw new NestdockError('MODULE_FOLDER_MISSING', `there is no folder ${path}`);
    return folder;
  }
}

/** The row still bears what an earlier scan has found wrong, and this one has not. */
function isFromScan(kept: Problem | null, found: Problem | null): boolean {
  return found === null && (kept?.code === 'MANIFEST_INVALID' || kept?.code === 'MODULE_NAME_CONFLICT');
}

function groupByName(found: readonly FoundModule[]): Map<string, FoundModule[]> {
  const groups = new Map<string, FoundModule[]>();
  for (const module of found) groups.set(module.name, [...(groups.get(module.name) ?? []), module]);
  return groups;
}

function manifestProblem({ name, reading }: FoundModule): Problem | null {
  if (reading.problems.length === 0) return null;
  const { problems } = reading;
  return new NestdockError('MANIFEST_INVALID', `the manifest of ${name} has ${problems.length} problem(s)`, {
    problems,
  }).toProblem();
}

function conflictProblem(claimants: readonly FoundModule[]): Problem {
  const [{ name }] = claimants as [FoundModule];
  const folders = claimants.map(({ folder }) => folder);
  return new NestdockError('MODULE_NAME_CONFLICT', `"${name}" is the name of ${folders.join(' and ')}`, {
    extensions: { folders },
  }).toProblem();
}

async function realFolder(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
