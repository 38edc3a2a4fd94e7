import { type InputProblem } from '../common/errors/problem.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown by a parser, and caught by {@link EnvironmentReader} alone: what the variable must be. */
export class Unusable extends Error {}

/** Reads variables one by one and gathers what is wrong with them, so that all of it can be said at once. */
export class EnvironmentReader {
  readonly problems: InputProblem[] = [];

  constructor(private readonly env: Environment) {}

  /**
   * The variable as `parse` makes of it, or `fallback` where it is unset or empty (as compose files leave it), or
   * wrong. What is wrong is told by what the variable must be, never by its value: that may be a secret.
   */
  read<T>(name: string, parse: (text: string) => T, fallback: T): T {
    const text = this.env[name]?.trim();
    if (!text) return fallback;
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      this.report('CONFIG_VALUE_INVALID', name, `${name} must be ${error.message}`);
      return fallback;
    }
  }

  report(code: 'CONFIG_VALUE_INVALID' | 'CONFIG_VALUE_MISSING', name: string, message: string, hint?: string): void {
    this.problems.push({ code, pointer: name, message, ...(hint !== undefined && { hint }) });
  }
}
