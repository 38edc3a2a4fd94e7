import { type EntityManager } from 'typeorm';
import { type Release } from './release.js';

/** Releases that were enabled, where every host finds them. */
export interface ReleaseStore {
  /**
   * Keeps a release; of its module's others, the latest few stay.
   * @throws {NestdockError} RELEASE_TOO_LARGE
   */
  keep(release: Release): Promise<void>;
  /**
   * @param folder where the module's folder is, or would be
   * @returns undefined where it is not kept
   * @throws {NestdockError} RELEASE_DAMAGED where it is not what its digest names
   */
  find(digest: string, folder: string): Promise<Release | undefined>;
  /** Drops all that is kept of a module. */
  drop(moduleName: string, transaction: EntityManager): Promise<void>;
  /** Digest of the latest kept release of a module with this bundle, by the bundle's hash. */
  digestOf(moduleName: string, bundle: string): Promise<string | undefined>;
}

export const RELEASE_STORE = Symbol('ReleaseStore');
