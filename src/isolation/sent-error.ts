import { type ErrorCode, ERROR_CATALOGUE } from '../common/errors/catalogue.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type InputProblem } from '../common/errors/problem.js';
import { isError, toError } from '../common/to-error.js';

/** An error on its way from one process to the other. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Of the catalogue where `coded`; else whatever the error had. */
  readonly code: string | undefined;
  /** Present where it was a coded error of the host's own. */
  readonly coded?: {
    readonly problems: readonly InputProblem[];
    readonly extensions: Readonly<Record<string, unknown>>;
  };
  readonly cause: SentError | undefined;
}

/** Causes further down are left out: an error may be its own cause. */
const DEEPEST_CAUSE = 8;

export function packError(thrown: unknown, depth = 0): SentError {
  const error = toError(thrown);
  const { name, message, stack, cause } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return {
    name: String(name),
    message: String(message),
    stack,
    code,
    ...(error instanceof NestdockError && { coded: { problems: error.problems, extensions: error.extensions } }),
    cause: isError(cause) && depth < DEEPEST_CAUSE ? packError(cause, depth + 1) : undefined,
  };
}

/** The error as it was, with its own stack: a coded one is coded again. */
export function unpackError({ name, message, stack, code, coded, cause: packed }: SentError): Error {
  const cause = packed && unpackError(packed);
  if (coded && isErrorCode(code)) {
    const error = new NestdockError(code, message, { cause, ...coded });
    return Object.defineProperty(error, 'stack', { value: stack });
  }
  const error = new Error(message, { cause });
  Object.defineProperties(error, {
    name: { value: name, configurable: true, writable: true },
    stack: { value: stack, configurable: true, writable: true },
  });
  return code === undefined ? error : Object.assign(error, { code });
}

const isErrorCode = (code: string | undefined): code is ErrorCode =>
  code !== undefined && Object.hasOwn(ERROR_CATALOGUE, code);
