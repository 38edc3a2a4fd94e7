import { type ManifestProblemCode } from '../problem-catalogue.js';
import { type SqlText } from './sql-text.js';

/** What all migrations have, however they are written. */
interface SourceBase {
  /** Such as `001_create_meters`. */
  readonly name: string;
  /** The file, from the module's folder: `src/migrations/001_create_meters.sql`. */
  readonly file: string;
  /** SHA-256 of the file's text, as hex; the kind of line ends and a byte order mark do not count. */
  readonly checksum: string;
}

export interface SqlMigrationSource extends SourceBase {
  readonly kind: 'sql';
  readonly up: SqlText;
  /** Absent where there is no down file. */
  readonly down?: SqlText & { readonly file: string };
}

/** A TypeORM migration class; what it does shows once its code runs. */
export interface CodeMigrationSource extends SourceBase {
  readonly kind: 'code';
}

export type MigrationSource = SqlMigrationSource | CodeMigrationSource;

/** Something wrong with a migrations folder. */
export interface MigrationFlaw {
  readonly code: ManifestProblemCode;
  readonly message: string;
  readonly hint?: string;
  /** From the module's folder; absent where it is the migrations folder itself. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

export interface MigrationsReading {
  /** In their order; whole only where there are no flaws. */
  readonly migrations: readonly MigrationSource[];
  readonly flaws: readonly MigrationFlaw[];
}
