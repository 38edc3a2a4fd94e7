import { type Manifest, type MigrationSource } from '../manifest/index.js';

/** The compiled code of one module version: one CommonJS text. */
export interface Bundle {
  /** SHA-256 of `code`, as hex. */
  readonly hash: string;
  readonly code: string;
  /** Source map (version 3) from `code` to the author's files, as JSON. */
  readonly map: string;
  /** Specifiers that the host answers, such as `@nestjs/common`. */
  readonly externals: readonly string[];
}

/** One migration: SQL with its text, or a class whose `file` is a key of the bundle's files. */
export type ReleaseMigration = MigrationSource;

/** Everything a version of a module consists of. */
export interface Release {
  readonly name: string;
  readonly version: string;
  readonly manifest: Manifest;
  /** Absolute real path of the module's folder. */
  readonly folder: string;
  /** Digest over manifest, bundle and migrations, as hex. */
  readonly digest: string;
  readonly bundle: Bundle;
  /** In the order that they are applied in; empty where the manifest names no folder of migrations. */
  readonly migrations: readonly ReleaseMigration[];
}

/** Reads, validates and compiles a module's folder. Rejects with a coded error; nothing of the module's code runs. */
export interface ReleaseBuilder {
  build(folder: string): Promise<Release>;
  /** Drops what is kept of earlier builds of a folder. */
  forget(folder: string): Promise<void>;
  /** Drops what is kept of the builds of all folders but these. */
  keepOnly(folders: readonly string[]): Promise<void>;
}

export const RELEASE_BUILDER = Symbol('ReleaseBuilder');
