import { ERROR_CATALOGUE, type ErrorCode } from './catalogue.js';
import { type InputProblem, type Problem } from './problem.js';

export interface ErrorDetails {
  readonly cause?: unknown;
  readonly problems?: readonly InputProblem[];
  /** Members that the problem document carries beside the standard ones. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** An error with a code of the catalogue. Match on `code`, never on the message. */
export class NestdockError extends Error {
  override readonly name = 'NestdockError';
  readonly problems: readonly InputProblem[];
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(
    readonly code: ErrorCode,
    detail: string,
    { cause, problems = [], extensions = {} }: ErrorDetails = {},
  ) {
    super(detail, { cause });
    this.problems = problems;
    this.extensions = extensions;
  }

  get status(): number {
    return ERROR_CATALOGUE[this.code].status;
  }

  toProblem(): Problem {
    const { status, title, remedy } = ERROR_CATALOGUE[this.code];
    return {
      ...this.extensions,
      type: `/docs/errors#${this.code.toLowerCase().replaceAll('_', '-')}`,
      title,
      status,
      code: this.code,
      detail: this.message,
      remedy,
      ...(this.problems.length > 0 && { problems: this.problems }),
    };
  }
}
