import { type Manifest } from '../manifest/index.js';

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

/** Everything a version of a module consists of. */
export interface Release {
  readonly name: string;
  readonly version: string;
  readonly manifest: Manifest;
  /** Absolute real path of the module's folder. */
  readonly folder: string;
  /** Digest over manifest and bundle (and whatever else the version brings), as hex. */
  readonly digest: string;
  readonly bundle: Bundle;
}

/** Reads, validates and compiles a module's folder. Rejects with a coded error; nothing of the module's code runs. */
export interface ReleaseBuilder {
  build(folder: string): Promise<Release>;
}

export const RELEASE_BUILDER = Symbol('ReleaseBuilder');
