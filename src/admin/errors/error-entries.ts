import { ERROR_CATALOGUE, type ErrorDefinition } from '../../common/errors/catalogue.js';
import { MANIFEST_PROBLEM_CATALOGUE } from '../../manifest/index.js';

export interface ErrorEntry extends ErrorDefinition {
  readonly code: string;
  /** Fragment of the code's place on the page, as problem types name it. */
  readonly anchor: string;
}

/** Every code that the host answers with, in the order of the catalogue. */
export const ERROR_ENTRIES: readonly ErrorEntry[] = Object.entries(ERROR_CATALOGUE).map(([code, definition]) => ({
  ...definition,
  code,
  anchor: anchorOf(code),
}));

/** Every code that `problems` of a manifest bear. */
export const MANIFEST_ENTRIES: readonly { code: string; anchor: string; meaning: string }[] = Object.entries(
  MANIFEST_PROBLEM_CATALOGUE,
).map(([code, meaning]) => ({ code, anchor: anchorOf(code), meaning }));

function anchorOf(code: string): string {
  return code.toLowerCase().replaceAll('_', '-');
}
