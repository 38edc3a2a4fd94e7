/** Kinds of token that matter to where a statement ends. */
export type SqlTokenKind = 'space' | 'comment' | 'word' | 'open' | 'close' | 'semicolon' | 'other';

export interface SqlToken {
  readonly kind: SqlTokenKind;
  /** Where it begins and ends, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

const SPACE = /[ \t\n\r\f\v]+/y;
const LINE_COMMENT = /--[^\n\r]*/y;
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const NUMBER = /\d[\w.]*|\$\d+/y;
const DOLLAR_QUOTE = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
/** Two string constants with a line break between them are one, and the second keeps the escapes of the first. */
const CONTINUED = /[ \t\f\v]*(?:--[^\n\r]*)?[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*'/y;

const PUNCTUATION: Readonly<Record<string, SqlTokenKind>> = { '(': 'open', ')': 'close', ';': 'semicolon' };

/**
 * Reads PostgreSQL's SQL token by token, by the rules of its own lexer (standard_conforming_strings on, as it is by
 * default): strings with and without escapes, dollar quotes, quoted names, nested comments. What is not closed
 * reaches to the end of the text.
 */
export function* scanSql(sql: string): Generator<SqlToken> {
  for (let start = 0; start < sql.length;) {
    const token = tokenAt(sql, start);
    yield token;
    start = token.end;
  }
}

function tokenAt(sql: string, start: number): SqlToken {
  const of = (kind: SqlTokenKind, end: number): SqlToken => ({ kind, start, end });
  const match = (pattern: RegExp): number => matchEnd(pattern, sql, start);
  const first = sql.charAt(start);
  if (match(SPACE) > start) return of('space', match(SPACE));
  if (match(LINE_COMMENT) > start) return of('comment', match(LINE_COMMENT));
  if (sql.startsWith('/*', start)) return of('comment', blockCommentEnd(sql, start));
  if (first === "'" || first === '"') return of('other', quotedEnd(sql, start + 1, first));
  if (/^e'/i.test(sql.slice(start, start + 2))) return of('other', escapedEnd(sql, start + 2));
  if (match(DOLLAR_QUOTE) > start) return of('other', dollarQuotedEnd(sql, start, match(DOLLAR_QUOTE)));
  if (match(WORD) > start) return of('word', match(WORD));
  if (match(NUMBER) > start) return of('other', match(NUMBER));
  return of(PUNCTUATION[first] ?? 'other', start + 1);
}

/** Where a match that begins at `start` ends; `start` where there is none. */
function matchEnd(pattern: RegExp, sql: string, start: number): number {
  pattern.lastIndex = start;
  return pattern.test(sql) ? pattern.lastIndex : start;
}

function blockCommentEnd(sql: string, start: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start;
  let depth = 0;
  for (let found = edge.exec(sql); found; found = edge.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return sql.length;
}

/** A quote inside is written twice. */
function quotedEnd(sql: string, from: number, quote: string): number {
  for (let end = sql.indexOf(quote, from); end !== -1; end = sql.indexOf(quote, end + 2)) {
    if (sql[end + 1] !== quote) return end + 1;
  }
  return sql.length;
}

/** An `E'…'`: a quote inside is written twice, or behind a backslash. */
function escapedEnd(sql: string, from: number): number {
  for (let at = from; at < sql.length; at++) {
    if (sql[at] === '\\') at++;
    else if (sql[at] === "'" && sql[at + 1] === "'") at++;
    else if (sql[at] === "'") {
      const next = matchEnd(CONTINUED, sql, at + 1);
      if (next === at + 1) return next;
      at = next - 1;
    }
  }
  return sql.length;
}

function dollarQuotedEnd(sql: string, start: number, from: number): number {
  const tag = sql.slice(start, from);
  const end = sql.indexOf(tag, from);
  return end === -1 ? sql.length : end + tag.length;
}
