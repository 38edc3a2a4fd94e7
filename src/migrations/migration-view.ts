import { type Release, type ReleaseMigration } from '../kernel/index.js';
import { compareMigrations } from '../manifest/index.js';
import { type AppliedMigration, compareHistory, type HistoryProblem } from './history.js';

/**
 * `done`: applied. `pending`: the next load applies it. `ahead`: applied by a later version. `changed`, `missing`,
 * `out-of-order`, `interrupted`: why a load is refused. `running`: a host is at work on it, outside a transaction.
 */
export const MIGRATION_STATES = [
  'done',
  'pending',
  'ahead',
  'changed',
  'missing',
  'out-of-order',
  'interrupted',
  'running',
] as const;
export type MigrationState = (typeof MIGRATION_STATES)[number];

/** One migration as clients see it. */
export interface MigrationView {
  readonly name: string;
  /** From the module's folder; null where the release does not have it. */
  readonly file: string | null;
  /** Of the release's text; of the applied one where the release does not have it. */
  readonly checksum: string;
  readonly status: MigrationState;
  /** ISO 8601; null where it was not applied. */
  readonly appliedAt: string | null;
  /** Version of the module that it was applied with. */
  readonly version: string | null;
  readonly durationMs: number | null;
  /** null of a class that has never run: it shows then. */
  readonly reversible: boolean | null;
}

/**
 * What a release brings and what was applied, in their order.
 * @param isRunning a host is at work on the module's migrations
 */
export function migrationViews(
  release: Pick<Release, 'migrations' | 'version'>,
  rows: readonly AppliedMigration[],
  isRunning: boolean,
): MigrationView[] {
  const { problems, ahead } = compareHistory(release, rows);
  const states = new Map<string, MigrationState>([
    ...release.migrations.map(({ name }) => [name, 'pending'] as const),
    ...rows.map(({ name }) => [name, 'done'] as const),
    ...ahead.map(({ name }) => [name, 'ahead'] as const),
    ...problems.map(({ migration, code }) => [migration, stateOf(code, isRunning)] as const),
  ]);
  const sources = new Map(release.migrations.map((migration) => [migration.name, migration]));
  const applied = new Map(rows.map((row) => [row.name, row]));
  return [...states]
    .map(([name, status]) => viewOf(name, status, sources.get(name), applied.get(name)))
    .sort((a, b) => compareMigrations(a.name, b.name));
}

function stateOf(code: HistoryProblem['code'], isRunning: boolean): MigrationState {
  switch (code) {
    case 'MIGRATION_CHANGED':
      return 'changed';
    case 'MIGRATION_MISSING':
      return 'missing';
    case 'MIGRATION_OUT_OF_ORDER':
      return 'out-of-order';
    case 'MIGRATION_INTERRUPTED':
      return isRunning ? 'running' : 'interrupted';
  }
}

function viewOf(
  name: string,
  status: MigrationState,
  source: ReleaseMigration | undefined,
  row: AppliedMigration | undefined,
): MigrationView {
  return {
    name,
    file: source?.file ?? null,
    checksum: source?.checksum ?? row?.checksum ?? '',
    status,
    appliedAt: row?.appliedAt.toISOString() ?? null,
    version: row?.version ?? null,
    durationMs: row?.durationMs ?? null,
    reversible: isReversible(source, row),
  };
}

function isReversible(source: ReleaseMigration | undefined, row: AppliedMigration | undefined): boolean | null {
  if (!source) return false;
  return source.kind === 'sql' ? source.down !== undefined : (row?.reversible ?? null);
}
