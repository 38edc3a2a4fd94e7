/** Which generation a piece of code belongs to. */
export interface CodeOrigin {
  readonly module: string;
  /** Counts the module's generations in this host, from 1. */
  readonly generation: number;
}

/** A place in an author's file; counted from 1, both. */
export interface AuthorPosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Tells from an error's stack whose code made it. */
export interface CodeOrigins {
  /** The generation whose code is nearest to where the error was made; undefined where none had a part in it. */
  originOf(error: Error): CodeOrigin | undefined;
  /** Where in that code; undefined where its source map does not say, or the generation was gone already. */
  positionOf(error: Error): AuthorPosition | undefined;
  /** Where a place in a bundle comes from; counted from 1, both. undefined where its source map does not say, or it is gone. */
  locate(fileName: string, line: number, column: number): AuthorPosition | undefined;
}

/** Injection token of {@link CodeOrigins}. */
export const CODE_ORIGINS = Symbol('CodeOrigins');
