import { type EntityManager } from 'typeorm';
import { type Undo } from '../common/undo-stack.js';
import { type Generation } from './generation.js';
import { type Isolation } from './module-terms.js';
import { type Release } from './release.js';
import { type TrialShare } from './trial-share.js';

/**
 * Something a module brings: code, providers, routes, jobs. The lifecycle attaches a module's
 * capabilities in order and takes them back last-first; it knows them by this interface only.
 */
export interface Capability {
  readonly name: string;

  /** The generations it is attached to and serves: those that run in the host, or in a process of their own; where missing, all. */
  readonly isolation?: Isolation;

  /** Milliseconds that attaching may take; where missing, it shares the load's deadline with the others, less what these take. */
  readonly attachTimeoutMs?: number;

  /** Refuses a release that cannot be attached, before any of its code runs and while an older one serves. */
  check?(release: Release): Promise<void>;

  /**
   * Builds this capability's part of a generation, beside the one that serves: nothing outside sees it yet.
   * Where it fails, it has taken back what it did itself.
   * @returns what takes it back, once the generation has drained or could not be loaded.
   */
  attach(generation: Generation): Promise<Undo> | Undo;

  /** Writes what the database says of a module that serves this release. All capabilities share the transaction. */
  record?(generation: Generation, transaction: EntityManager): Promise<void>;

  /**
   * Makes the generation the one that serves, after the transaction has committed. Must not fail.
   * @returns what stops its intake; does nothing where a later generation serves already.
   */
  serve?(generation: Generation): () => void;

  /**
   * Lets a generation take a share of what comes in, beside the one that serves. What has no shares goes on with that one.
   * @param share as it is by now: it may change while the trial goes on
   * @returns what ends that; does nothing where the generation has come to serve
   */
  tryOut?(generation: Generation, share: TrialShare): () => void;

  /** Writes what the database says of a module that is disabled, in the transaction that disables it. */
  withdraw?(moduleName: string, transaction: EntityManager): Promise<void>;

  /** Writes what the database says of a module that is removed while its data stays, in the transaction that removes it. */
  forget?(moduleName: string, transaction: EntityManager): Promise<void>;

  /** Drops what the database keeps of a module that is removed for good, in the transaction that removes it. */
  purge?(moduleName: string, transaction: EntityManager): Promise<void>;
}

/** The capabilities, in the order of attaching. */
export const CAPABILITIES = Symbol('Capabilities');
