import { type ModuleCode, type Release } from '../kernel/index.js';
import { type AppliedMigration } from './history.js';
import { type MigrationStep, planSteps, refuseSteps, type StepProblem } from './migration-step.js';

/**
 * What takes applied migrations back.
 * @param doomed in the order of taking back
 * @throws {NestdockError} MIGRATION_IRREVERSIBLE, MIGRATION_INVALID, with every one that cannot be taken back
 */
export function downSteps(
  doomed: readonly AppliedMigration[],
  { migrations, version }: Release,
  code: Pick<ModuleCode, 'exportsOf'>,
): MigrationStep[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  const unknown = doomed.flatMap(({ name, version: by }): StepProblem[] =>
    known.has(name)
      ? []
      : [
          {
            code: 'MIGRATION_IRREVERSIBLE',
            message: `${name} was applied by version ${by}, and version ${version} does not have it`,
            hint: 'put the release back that has it',
          },
        ],
  );
  const { steps, problems } = planSteps(
    doomed.flatMap(({ name }) => known.get(name) ?? []),
    'down',
    code,
  );
  refuseSteps([...unknown, ...problems]);
  return steps;
}
