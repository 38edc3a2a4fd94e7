import { type Problem } from '../common/errors/problem.js';
import { type IncidentCounts } from '../circuit/index.js';
import { type Generation, type Isolation, type ModuleState, type ModuleStatus } from '../kernel/index.js';
import { type Manifest } from '../manifest/index.js';
import { type Module, type Quarantine } from '../persistence/index.js';
import { type ModuleLifecycle } from './module-lifecycle.js';

/** A module as clients see it: what should be, from its row, and what is on this host. */
export interface ModuleView {
  readonly name: string;
  readonly version: string | null;
  readonly displayName: string;
  readonly description: string;
  readonly status: ModuleStatus;
  /** Rises with each change of what should be; a change may be based on it. */
  readonly revision: number;
  readonly state: ModuleState;
  readonly error: Problem | null;
  /** What answers now; empty while nothing is loaded. */
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  /** Keys of the jobs that the manifest names. */
  readonly jobs: readonly string[];
  /** SHA-256 of the compiled code, as hex. */
  readonly bundle: string | null;
  readonly release: string | null;
  /** Absolute path of the module's folder. */
  readonly path: string;
  /** What the manifest asks for. */
  readonly permissions: readonly string[];
  /** What of that is granted; null until it is enabled for the first time. */
  readonly grantedPermissions: readonly string[] | null;
  /** Where its code runs, or will. */
  readonly isolation: Isolation;
  /** What an operator has decided of that; null: its manifest says. */
  readonly isolationOverride: Isolation | null;
  /** Why it was taken out, and since when; null where it was not. */
  readonly quarantine: Quarantine | null;
  /** What it did wrong on this host lately. */
  readonly incidents: IncidentCounts;
  /** Counts the loads on this host; null while nothing is loaded. */
  readonly generation: number | null;
  readonly loadedAt: string | null;
  readonly manifest: Manifest | null;
}

export function moduleView(row: Module, lifecycle: ModuleLifecycle | undefined, incidents: IncidentCounts): ModuleView {
  const serving = lifecycle?.serving;
  const manifest = serving?.release.manifest ?? row.manifest;
  return {
    name: row.name,
    version: serving?.release.version ?? row.version,
    displayName: manifest?.displayName ?? row.name,
    description: manifest?.description ?? '',
    status: row.status,
    revision: row.revision,
    state: lifecycle?.state ?? 'idle',
    error: row.error,
    routes: serving ? liveRoutes(serving) : [],
    jobs: Object.keys(manifest?.jobs ?? {}),
    bundle: serving?.release.bundle.hash ?? row.bundle,
    release: serving?.release.digest ?? row.release,
    path: row.path,
    permissions: manifest?.permissions ?? [],
    grantedPermissions: serving?.permissions ?? row.permissions?.granted ?? null,
    isolation: serving?.isolation ?? row.isolation ?? manifest?.isolation ?? 'inline',
    isolationOverride: row.isolation,
    quarantine: row.quarantine,
    incidents,
    generation: serving?.number ?? null,
    loadedAt: lifecycle?.loadedAt?.toISOString() ?? null,
    manifest,
  };
}

export function liveRoutes(generation: Generation): { method: string; path: string }[] {
  const { routes, plugin } = generation.part('requests');
  return [...routes, ...(plugin?.routes ?? [])].map(({ method, path }) => ({ method, path }));
}
