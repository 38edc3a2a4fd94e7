import { type ModuleIsolation } from '../manifest/index.js';

/** Where a module's code runs: in the host's process, or in one of its own. */
export type Isolation = ModuleIsolation;

/** On what terms a release is run, as operators have decided for the module; another release runs on the same. */
export interface ModuleTerms {
  readonly isolation: Isolation;
  /** Those that were granted, such as `network:outbound`. */
  readonly permissions: readonly string[];
}
