import { type ModuleIsolation } from '../manifest/index.js';

/** Where a module's code runs: in the host's process, or in one of its own. */
export type Isolation = ModuleIsolation;

/** What an operator has decided of what a version asks for, such as `network:outbound`. */
export interface PermissionDecision {
  readonly asked: readonly string[];
  /** Some or all of them. */
  readonly granted: readonly string[];
}

/** On what terms a release is run, as operators have decided for the module; another release runs on the same. */
export interface ModuleTerms {
  readonly isolation: Isolation;
  readonly permissions: PermissionDecision;
}
