/** Every code that a problem of a manifest can have, and what it says. Codes are stable. */
export const MANIFEST_PROBLEM_CATALOGUE = {
  // The file
  MANIFEST_MISSING: 'The folder has no manifest.json.',
  MANIFEST_UNREADABLE: 'The file cannot be read.',
  MANIFEST_NOT_A_FILE: 'manifest.json is a folder, a pipe or another thing that is no regular file.',
  MANIFEST_TOO_LARGE: 'The manifest is over 1 MB.',
  MANIFEST_ENCODING: 'The manifest is not UTF-8.',
  MANIFEST_SYNTAX: 'The manifest is not JSON; comments and trailing commas are not JSON either.',
  MANIFEST_TOO_DEEP: 'The manifest nests more than 64 levels deep.',
  MANIFEST_DUPLICATE_KEY: 'An object has the same key twice.',
  MANIFEST_FORBIDDEN_KEY: 'The key `__proto__` is not allowed.',
  MANIFEST_MORE_PROBLEMS: 'There are more problems than are listed.',

  // Its shape
  MANIFEST_TYPE: 'A value has the wrong type.',
  MANIFEST_REQUIRED: 'A key that must be there is missing.',
  MANIFEST_UNKNOWN_KEY: 'A key means nothing here; keys of your own begin with `x-`.',
  MANIFEST_KEY_INVALID: 'A key does not have the form that it must have here.',
  MANIFEST_ENUM: 'A value is none of those to choose from.',
  MANIFEST_VALUE: 'A value is too small, too great, too short, too long, or of the wrong form.',
  MANIFEST_DUPLICATE_ITEM: 'A list has the same item twice.',

  // Identity and needs
  MANIFEST_NAME_INVALID: 'The name is not kebab-case of 3 to 50 characters.',
  MANIFEST_NAME_RESERVED: 'The name is one that the host itself uses.',
  MANIFEST_VERSION_INVALID: 'The version is not a semantic version.',
  MANIFEST_RANGE_INVALID: 'A range of versions is not a semver range.',
  MANIFEST_HOST_INCOMPATIBLE: "This host's version is outside `engines.nestdock`.",
  MANIFEST_DEPENDENCY_SELF: 'The module depends on itself.',
  MANIFEST_DEPENDENCY_CYCLE: 'Modules depend on each other in a circle.',
  MANIFEST_PERMISSION_INVALID: 'A permission is not of the form `area:action`, or names no environment variable.',
  MANIFEST_PERMISSION_WITHHELD: "A permission asks for one of the host's own secrets.",

  // Routes and jobs
  MANIFEST_ROUTE_PATH: "A route's path cannot be served.",
  MANIFEST_ROUTE_DUPLICATE: 'Two routes answer the same method and path.',
  MANIFEST_ROUTE_SCHEMA: "A route's JSON Schema does not compile.",
  MANIFEST_HANDLER_INVALID: 'A handler is none of `./file#export`, `./file` and `export`.',
  MANIFEST_HANDLER_NEEDS_ENTRY: 'A handler names an export of the entry, and there is no entry.',
  MANIFEST_CRON_INVALID: 'A schedule is not a cron expression of five or six fields, or never comes due.',
  MANIFEST_TIMEZONE_UNKNOWN: 'A time zone is not known.',

  // Fields of settings and job configs
  MANIFEST_FIELD_OPTIONS: 'A `select` field has no options.',
  MANIFEST_FIELD_CONSTRAINT: 'A constraint does not fit its field.',
  MANIFEST_FIELD_PATTERN: 'A pattern is not a regular expression, or takes too long.',
  MANIFEST_FIELD_DEFAULT: 'A default does not fit its field.',

  // Files
  MANIFEST_PATH_INVALID: 'A path does not begin with `./`.',
  MANIFEST_PATH_OUTSIDE: "A path leaves the module's folder.",
  MANIFEST_FILE_MISSING: 'A file or folder that the manifest names does not exist.',
  MANIFEST_FILE_KIND: 'A path names a folder where a file must be, or the other way round.',
  MANIFEST_FILE_EXTENSION: 'A file is not of a kind that can hold code.',

  // Migrations
  MANIFEST_MIGRATIONS_EMPTY: 'The migrations folder has no migration.',
  MANIFEST_MIGRATION_NAME: 'A file of the migrations folder is not named as a migration.',
  MANIFEST_MIGRATION_NUMBER: 'Two migrations have the same number.',
  MANIFEST_MIGRATION_DOWN: 'A down file has no SQL migration to take back.',
  MANIFEST_MIGRATION_UNREADABLE: 'A migration cannot be read, is no regular file, is over 16 MB, or is not UTF-8.',
  MANIFEST_MIGRATION_TRANSACTION: 'A migration begins or ends a transaction itself.',
  MANIFEST_MIGRATION_MARK: 'A mark of a migration is unknown, not on the first line, or does not fit the file.',
} as const satisfies Record<string, string>;

export type ManifestProblemCode = keyof typeof MANIFEST_PROBLEM_CATALOGUE;
