import { type ErrorCode } from './catalogue.js';

/** One thing that is wrong in an input: where it is, what it is, and what to do. */
export interface InputProblem {
  /** Stable code, from the catalogue of whoever checked the input. */
  readonly code: string;
  readonly message: string;
  /** What to do, such as: did you mean `schedule`? */
  readonly hint?: string;
  /** JSON pointer (RFC 6901) into the document. */
  readonly pointer?: string;
  /** File the problem is in, relative to the module's folder. */
  readonly file?: string;
  /** Counted from 1. */
  readonly line?: number;
  /** Counted from 1. */
  readonly column?: number;
}

/** A problem document (RFC 9457), as the admin API answers it and as modules and runs keep it. */
export interface Problem {
  /** URI reference of the code's documentation. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  /** What happened this time. */
  readonly detail: string;
  readonly remedy: string;
  /** Everything that is wrong with an input, all at once. */
  readonly problems?: readonly InputProblem[];
  /** Stack of the error underneath, with the author's own lines. Kept with a module, never sent to a stranger. */
  readonly stack?: string;
  /** Further members, such as what is still serving. */
  readonly [extension: string]: unknown;
}
