import { inspect } from 'node:util';
import { currentScope, type ModuleScope } from '../common/module-scope.js';
import { isError } from '../common/to-error.js';
import { type AuthorPosition, type CodeOrigin, type CodeOrigins } from '../kernel/index.js';

/** Whom a fault is put down to. */
export interface Attribution extends CodeOrigin {
  /** The author's line; undefined where the stack names none. */
  readonly position: AuthorPosition | undefined;
}

/**
 * Whose fault an error is. The stack comes first, as it names the code that failed: with exports, one module's code
 * runs on another's behalf. An error that was made from another has that one's stack as well. Where no stack names a
 * module, such as for a refused connection or for what is no Error, it is whoever's behalf the code ran on.
 * @returns undefined for the host's own
 */
export function attribute(
  error: Error,
  origins: CodeOrigins,
  scope: ModuleScope | undefined = currentScope(),
): Attribution | undefined {
  const byStack = fromStacks(error, origins);
  if (byStack) return byStack;
  return scope && { module: scope.module, generation: scope.generation, position: undefined };
}

/** What was thrown, as an error that can be shown: its own description may fail. */
export function thrownError(thrown: unknown): Error {
  return isError(thrown) ? thrown : new Error(`thrown: ${inspect(thrown, { depth: 2 })}`);
}

function fromStacks(error: Error, origins: CodeOrigins): Attribution | undefined {
  try {
    for (const each of withCauses(error)) {
      const origin = origins.originOf(each);
      if (origin) return { ...origin, position: origins.positionOf(each) };
    }
  } catch {
    // Getters of the error's own failed, which are code of whoever threw it: only the scope is left to tell.
  }
  return undefined;
}

function withCauses(error: Error): Set<Error> {
  const chain = new Set<Error>();
  for (let next: unknown = error; isError(next) && !chain.has(next); next = next.cause) chain.add(next);
  return chain;
}
