import { type MigrationInterface } from 'typeorm';
import { type InputProblem } from '../common/errors/problem.js';
import { toError } from '../common/to-error.js';

type MigrationClass = new () => Partial<MigrationInterface> & Pick<MigrationInterface, 'up'>;

/** A migration that is code. TypeORM wants a `down`; not every author writes one. */
export type MigrationInstance = InstanceType<MigrationClass>;

/**
 * Makes the migration of a file: its one exported class with a method `up`.
 * @param exports what the file exports, by name
 */
export function instantiateMigration(
  exports: Readonly<Record<string, unknown>>,
  file: string,
): MigrationInstance | InputProblem {
  const classes = [...new Set(Object.values(exports).filter(isMigrationClass))];
  const [only] = classes;
  if (!only || classes.length > 1) {
    return {
      code: 'MIGRATION_INVALID',
      file,
      message: only
        ? `${file} exports ${classes.map(({ name }) => name).join(' and ')}, and a migration is one class`
        : `${file} exports no class with a method \`up\``,
      hint: 'export one class that implements MigrationInterface of typeorm',
    };
  }
  try {
    return new only();
  } catch (error) {
    return {
      code: 'MIGRATION_INVALID',
      file,
      message: `the constructor of ${only.name} failed: ${toError(error).message}`,
    };
  }
}

function isMigrationClass(value: unknown): value is MigrationClass {
  if (typeof value !== 'function') return false;
  const prototype = value.prototype as { up?: unknown } | undefined;
  return typeof prototype?.up === 'function';
}
