import { type EntityMetadata } from 'typeorm';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type InputProblem } from '../common/errors/problem.js';

/**
 * Refuses entities, and tables between them, that stand in another schema by name: the search path alone would not
 * keep the module out of it.
 * @throws {NestdockError} ENTITY_SCHEMA_FOREIGN with each of them
 */
export function requireOwnSchema(entities: readonly EntityMetadata[], schema: string): void {
  const problems = entities.filter((entity) => !isIn(entity, schema)).map(problemOf);
  const [first] = problems;
  if (first) throw new NestdockError('ENTITY_SCHEMA_FOREIGN', first.message, { problems });
}

const isIn = ({ schema, database }: EntityMetadata, own: string): boolean => schema === own && database === undefined;

function problemOf({ name, tablePath }: EntityMetadata): InputProblem {
  return {
    code: 'ENTITY_SCHEMA_FOREIGN',
    message: `${name} stands in ${tablePath}`,
    hint: 'Leave `schema` and `database` out.',
  };
}
