import { gt, valid } from 'semver';
import { type InputProblem } from '../common/errors/problem.js';
import { type Release, type ReleaseMigration } from '../kernel/index.js';
import { compareMigrations } from '../manifest/index.js';
import { type ModuleMigration } from '../persistence/index.js';

/** A migration that was applied, as the database keeps it. */
export type AppliedMigration = Pick<
  ModuleMigration,
  'name' | 'checksum' | 'version' | 'status' | 'reversible' | 'appliedAt' | 'durationMs' | 'host'
>;

/** What was applied, held against what a release brings. */
export interface History {
  /** To be applied, in their order. */
  readonly pending: readonly ReleaseMigration[];
  /** Applied by a later version, after all that this release knows of: its schema is newer, which must do no harm. */
  readonly ahead: readonly AppliedMigration[];
  /** Why nothing may be applied; one for each migration that is not as it must be. */
  readonly problems: readonly HistoryProblem[];
}

export interface HistoryProblem extends InputProblem {
  readonly code: 'MIGRATION_CHANGED' | 'MIGRATION_MISSING' | 'MIGRATION_OUT_OF_ORDER' | 'MIGRATION_INTERRUPTED';
  readonly migration: string;
}

/** @param fallsBack the release has served on this host before what came after it, whatever its version says */
export function compareHistory(
  { migrations, version }: Pick<Release, 'migrations' | 'version'>,
  applied: readonly AppliedMigration[],
  fallsBack = false,
): History {
  const rows = new Map(applied.map((row) => [row.name, row]));
  const names = new Set(migrations.map(({ name }) => name));
  const last = migrations.at(-1)?.name;
  const isAhead = (row: AppliedMigration): boolean =>
    (last === undefined || compareMigrations(row.name, last) > 0) && (fallsBack || isLater(row.version, version));

  const unknown = applied.filter(({ name, status }) => status === 'done' && !names.has(name));
  const done = applied.filter(({ status }) => status === 'done').sort((a, b) => compareMigrations(a.name, b.name));
  const problems = [
    ...applied.filter(({ status }) => status !== 'done').map(interrupted),
    ...migrations.flatMap((migration) => flawOf(migration, rows.get(migration.name), done.at(-1)) ?? []),
    ...unknown.filter((row) => !isAhead(row)).map((row) => missing(row, version)),
  ].sort((a, b) => compareMigrations(a.migration, b.migration));
  return {
    pending: migrations.filter(({ name }) => !rows.has(name)),
    ahead: unknown.filter(isAhead),
    problems,
  };
}

const isLater = (version: string, than: string): boolean =>
  valid(version) !== null && valid(than) !== null && gt(version, than);

function flawOf(
  { name, file, checksum }: ReleaseMigration,
  row: AppliedMigration | undefined,
  lastDone: AppliedMigration | undefined,
): HistoryProblem | undefined {
  if (row?.status === 'done' && row.checksum !== checksum) {
    return {
      code: 'MIGRATION_CHANGED',
      migration: name,
      file,
      message: `${name} was applied by version ${row.version}, and its text has changed since`,
      hint: 'restore the text and write the change as a new migration, or roll the migration back first',
    };
  }
  if (row || !lastDone || compareMigrations(name, lastDone.name) > 0) return undefined;
  return {
    code: 'MIGRATION_OUT_OF_ORDER',
    migration: name,
    file,
    message: `${name} was not applied, and ${lastDone.name}, which comes after it, was, by version ${lastDone.version}`,
    hint: 'give it a number after the last one that was applied',
  };
}

const missing = ({ name, version: by }: AppliedMigration, version: string): HistoryProblem => ({
  code: 'MIGRATION_MISSING',
  migration: name,
  message: `${name} was applied by version ${by}, and version ${version} does not have it`,
  hint: 'put the file back, or roll the migration back with a release that has it',
});

export const interrupted = ({ name, status, host, appliedAt }: AppliedMigration): HistoryProblem => ({
  code: 'MIGRATION_INTERRUPTED',
  migration: name,
  message: `${name} was being ${status === 'applying' ? 'applied' : 'rolled back'} by ${host} since ${appliedAt.toISOString()}, outside a transaction, and was never finished`,
  hint: 'look at what it has done, put that right, and say so with POST /api/v1/modules/{name}/migrations/resolve',
});
