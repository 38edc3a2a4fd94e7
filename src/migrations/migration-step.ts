import { type QueryRunner } from 'typeorm';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type InputProblem } from '../common/errors/problem.js';
import { type ModuleCode, type ReleaseMigration } from '../kernel/index.js';
import { splitStatements, type SqlText } from '../manifest/index.js';
import { instantiateMigration, type MigrationInstance } from './migration-class.js';
import { classFailure, statementFailure } from './migration-failure.js';

export type Direction = 'up' | 'down';

/** One migration in one direction, ready to run. */
export interface MigrationStep {
  readonly migration: ReleaseMigration;
  readonly direction: Direction;
  /** Its file, from the module's folder; of SQL that is taken back, the down file. */
  readonly file: string;
  readonly transactional: boolean;
  /** Of a class, whether it can be taken back; null of SQL. */
  readonly reversible: boolean | null;
  /** @throws {NestdockError} MIGRATION_FAILED */
  run(runner: QueryRunner): Promise<void>;
}

/** Makes migrations ready to run in one direction, and finds every one that cannot be run. */
export function planSteps(
  migrations: readonly ReleaseMigration[],
  direction: Direction,
  code: Pick<ModuleCode, 'exportsOf'>,
): { readonly steps: MigrationStep[]; readonly problems: StepProblem[] } {
  const made = migrations.map((migration) => stepOf(migration, direction, code));
  return {
    steps: made.flatMap((step) => ('message' in step ? [] : step)),
    problems: made.flatMap((step) => ('message' in step ? step : [])),
  };
}

/** @throws {NestdockError} with the code of the first problem, and all of them */
export function refuseSteps(problems: readonly StepProblem[]): void {
  const [first] = problems;
  if (!first) return;
  throw new NestdockError(first.code, problems.map(({ message }) => message).join('; '), { problems });
}

export type StepProblem = InputProblem & { readonly code: 'MIGRATION_INVALID' | 'MIGRATION_IRREVERSIBLE' };

function stepOf(
  migration: ReleaseMigration,
  direction: Direction,
  code: Pick<ModuleCode, 'exportsOf'>,
): MigrationStep | StepProblem {
  if (migration.kind === 'sql') {
    const { up, down, name, file } = migration;
    if (direction === 'up') return sqlStep(migration, direction, file, up);
    return down
      ? sqlStep(migration, direction, down.file, down)
      : irreversible(name, file, `there is no ${file.replace(/\.sql$/i, '.down.sql')}`);
  }
  const instance = instantiateMigration(code.exportsOf(migration.file), migration.file);
  if ('message' in instance) return { ...instance, code: 'MIGRATION_INVALID' };
  if (direction === 'down' && !instance.down) return irreversible(migration.name, migration.file, 'it has no `down`');
  return classStep(migration, direction, instance);
}

const irreversible = (name: string, file: string, why: string): StepProblem => ({
  code: 'MIGRATION_IRREVERSIBLE',
  file,
  message: `${name} cannot be rolled back: ${why}`,
});

function sqlStep(
  migration: ReleaseMigration,
  direction: Direction,
  file: string,
  { text, transactional }: SqlText,
): MigrationStep {
  const base = { migration, direction, file, transactional, reversible: null };
  return {
    ...base,
    async run(runner) {
      for (const [index, statement] of splitStatements(text).entries()) {
        try {
          await runner.query(statement.text);
        } catch (error) {
          throw statementFailure({ migration: migration.name, file, text, statement, number: index + 1 }, error);
        }
      }
    },
  };
}

function classStep(migration: ReleaseMigration, direction: Direction, instance: MigrationInstance): MigrationStep {
  const { file, name } = migration;
  return {
    ...{ migration, direction, file, transactional: instance.transaction !== false },
    reversible: instance.down !== undefined,
    async run(runner) {
      try {
        await instance[direction]?.(runner);
      } catch (error) {
        throw classFailure(name, file, direction, error);
      }
    },
  };
}
