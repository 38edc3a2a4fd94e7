export { CODE_EXTENSIONS } from './checks/files.js';
export { RESERVED_NAMES } from './checks/identity.js';
export { isTimezone } from './checks/jobs.js';
export { cronFlaw } from './cron-flaw.js';
export { cycleProblem, type DependencyCycle, findDependencyCycles } from './dependency-cycles.js';
export { isWithheld, variableAskedFor } from './environment-permission.js';
export { fieldsSchema, type FieldsSchema } from './field-schema.js';
export { fieldValueFlaw, optionValues } from './field-value.js';
export {
  type FieldValues,
  maskSecrets,
  type MergedValues,
  mergeValues,
  openSecrets,
  SECRET_MASK,
} from './field-values.js';
export { type HandlerReference, parseHandlerReference } from './handler-reference.js';
export { toPointer } from './json-pointer.js';
export * from './manifest.js';
export { MANIFEST_SCHEMA } from './manifest-schema.js';
export { compareMigrations } from './migrations/migration-file-name.js';
export * from './migrations/migration-source.js';
export { readMigrations } from './migrations/read-migrations.js';
export { splitStatements, type SqlStatement, textPosition } from './migrations/sql-statements.js';
export { type SqlText } from './migrations/sql-text.js';
export { MANIFEST_PROBLEM_CATALOGUE, type ManifestProblemCode } from './problem-catalogue.js';
export { MANIFEST_FILE, MAX_MANIFEST_SIZE, readManifest } from './read-manifest.js';
export { requireManifest } from './require-manifest.js';
export { type ManifestReading, validateManifest, type ValidationOptions } from './validate-manifest.js';
