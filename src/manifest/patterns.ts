/** Regular expressions (flag `u`) that the schema publishes and the checks share. None backtracks badly. */

export const NAME_PATTERN = '^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$';

/** Semantic Versioning 2.0.0, the expression that semver.org suggests. */
export const VERSION_PATTERN =
  '^(?:0|[1-9]\\d*)\\.(?:0|[1-9]\\d*)\\.(?:0|[1-9]\\d*)' +
  '(?:-(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\\.(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?' +
  '(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?$';

/** kebab-case or camelCase, up to 64 characters. */
export const JOB_KEY_PATTERN = '^(?=.{1,64}$)(?:[a-z][a-z0-9]*(?:-[a-z0-9]+)+|[a-z][a-zA-Z0-9]*)$';

export const FIELD_KEY_PATTERN = '^[a-zA-Z][a-zA-Z0-9_-]{0,63}$';

export const PERMISSION_PATTERN = '^[a-z][a-z0-9-]*:[a-zA-Z0-9_][a-zA-Z0-9_.-]*$';

export const RESPONSE_STATUS_PATTERN = '^(?:[1-5](?:\\d\\d|[xX][xX])|default)$';

export const EXTENSION_PATTERN = '^x-';

export const ROUTE_PATH_PATTERN = '^/';

/** A path relative to the module's folder. That it stays inside is checked apart, and says so. */
export const PATH_PATTERN = '^\\.{1,2}/[^\\\\\\u0000]*$';

/** `./file#export`, `./file` or `export`; the groups are file, its export, and the entry's export. */
export const HANDLER_PATTERN =
  '^(?:(\\.{1,2}/[^#\\\\\\u0000]+)(?:#([\\p{ID_Start}$_][\\p{ID_Continue}$]*))?|([\\p{ID_Start}$_][\\p{ID_Continue}$]*))$';
