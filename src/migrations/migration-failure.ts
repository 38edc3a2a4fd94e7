import { QueryFailedError } from 'typeorm';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { toError } from '../common/to-error.js';
import { type SqlStatement, textPosition } from '../manifest/index.js';

/** Characters of a statement that a problem shows. */
const SHOWN = 500;

/** What PostgreSQL says of a statement that failed. */
interface ServerError {
  readonly message: string;
  /** SQLSTATE, such as `42703`. */
  readonly code?: string;
  readonly detail?: string;
  readonly hint?: string;
  /** Counted from 1, in code points of the statement, as decimal digits. */
  readonly position?: string;
}

const serverError = (error: unknown): ServerError =>
  error instanceof QueryFailedError ? (error as QueryFailedError<ServerError & Error>).driverError : toError(error);

export interface FailedStatement {
  /** The migration's name. */
  readonly migration: string;
  /** From the module's folder. */
  readonly file: string;
  /** The whole file. */
  readonly text: string;
  readonly statement: SqlStatement;
  /** Counted from 1. */
  readonly number: number;
}

/** MIGRATION_FAILED of a statement in an SQL file. */
export function statementFailure(failed: FailedStatement, error: unknown): NestdockError {
  const { migration, file, text, statement, number } = failed;
  const server = serverError(error);
  const within = server.position === undefined ? 0 : utf16Offset(statement.text, Number(server.position) - 1);
  const place = textPosition(text, statement.offset + within);
  const message = `statement ${number} failed: ${describe(server)}`;
  return new NestdockError('MIGRATION_FAILED', `${file}:${place.line}: ${message}`, {
    cause: error,
    problems: [
      { code: 'MIGRATION_FAILED', file, ...place, message, ...(server.hint !== undefined && { hint: server.hint }) },
    ],
    extensions: { migration, statement: { number, text: shorten(statement.text) }, sqlState: server.code ?? null },
  });
}

/** MIGRATION_FAILED of a migration class; the stack has the author's own lines. */
export function classFailure(migration: string, file: string, method: 'up' | 'down', error: unknown): NestdockError {
  const server = serverError(error);
  const message = `${method}() failed: ${describe(server)}`;
  // Read while the code's positions are known: V8 formats a stack once, when it is first asked for.
  void toError(error).stack;
  return new NestdockError('MIGRATION_FAILED', `${file}: ${message}`, {
    cause: error,
    problems: [{ code: 'MIGRATION_FAILED', file, message, ...(server.hint !== undefined && { hint: server.hint }) }],
    extensions: {
      migration,
      ...(error instanceof QueryFailedError && { statement: { text: shorten(error.query) } }),
      sqlState: server.code ?? null,
    },
  });
}

function describe({ message, detail, code }: ServerError): string {
  return `${message}${detail === undefined ? '' : ` (${detail})`}${code === undefined ? '' : ` [${code}]`}`;
}

const shorten = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

function utf16Offset(text: string, codePoints: number): number {
  let offset = 0;
  for (let left = codePoints; left > 0 && offset < text.length; left--) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  }
  return offset;
}
