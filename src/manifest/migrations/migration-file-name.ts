/** What the name of a file in a migrations folder says. */
export interface MigrationFileName {
  /** The file's name less its extensions, such as `001_create_meters`: how the migration is known for good. */
  readonly name: string;
  readonly kind: 'sql' | 'code';
  readonly direction: 'up' | 'down';
}

/** Up to 15 digits, so that a number is exact; a time in milliseconds, as TypeORM's generator gives, has 13. */
const FILE_NAME = /^(?<name>\d{3,15}_[a-z0-9][a-z0-9_-]{0,99})(?:(?<down>\.down)?\.sql|\.[mc]?[jt]s)$/i;

/** What stands beside migrations and is none: hidden files, notes, specs. */
const BESIDE = /^\.|\.md$|\.(?:spec|test)\.[mc]?[jt]s$/i;

export const isBesideMigrations = (fileName: string): boolean => BESIDE.test(fileName);

/** undefined where a migration cannot have this name. */
export function parseMigrationFileName(fileName: string): MigrationFileName | undefined {
  const groups = FILE_NAME.exec(fileName)?.groups;
  if (groups?.['name'] === undefined) return undefined;
  return {
    name: groups['name'],
    kind: /\.sql$/i.test(fileName) ? 'sql' : 'code',
    direction: groups['down'] === undefined ? 'up' : 'down',
  };
}

/** The number that a migration's name begins with. */
export const migrationNumber = (name: string): number => Number.parseInt(name, 10);

/** The order that migrations are applied in: by number, then by name. */
export function compareMigrations(a: string, b: string): number {
  return migrationNumber(a) - migrationNumber(b) || (a < b ? -1 : a > b ? 1 : 0);
}
