import { isError, toError } from '../to-error.js';
import { type ErrorCode } from './catalogue.js';
import { NestdockError } from './nestdock-error.js';
import { type Problem } from './problem.js';

/** What was thrown as a coded error: itself where it is one, else the cause of one with the code `fallback`. */
export function codedError(thrown: unknown, fallback: ErrorCode): NestdockError {
  if (thrown instanceof NestdockError) return thrown;
  const error = toError(thrown);
  return new NestdockError(fallback, error.message, { cause: error });
}

/** A failure as a value to keep and show, with the stack of the innermost cause, which is where the author looks. */
export function failureProblem(error: NestdockError): Problem {
  const root = rootCause(error);
  return root === error || root.stack === undefined ? error.toProblem() : { ...error.toProblem(), stack: root.stack };
}

function rootCause(error: Error): Error {
  const seen = new Set<unknown>();
  let root = error;
  // A module may have thrown anything: only an Error has a stack, and a cause of its own.
  while (isError(root.cause) && !seen.has(root)) {
    seen.add(root);
    root = root.cause;
  }
  return root;
}
