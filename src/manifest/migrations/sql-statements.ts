import { scanSql, type SqlToken } from './sql-scanner.js';

/** One statement of an SQL text. */
export interface SqlStatement {
  /** From its first token to its last, without the semicolon. */
  readonly text: string;
  /** Where `text` begins in the whole, in UTF-16 units. */
  readonly offset: number;
  /** Its first words, in lower case; four at most. */
  readonly words: readonly string[];
}

/**
 * The statements of an SQL text, as psql would send them one by one: a semicolon ends a statement unless it stands in
 * parentheses or in the `BEGIN ATOMIC … END` of a function. Comments and emptiness between statements are left out.
 */
export function splitStatements(sql: string): SqlStatement[] {
  const statements: SqlStatement[] = [];
  let open = new OpenStatement();
  const close = (): void => {
    const { start, end, words } = open;
    if (start !== undefined) statements.push({ text: sql.slice(start, end), offset: start, words });
    open = new OpenStatement();
  };
  for (const token of scanSql(sql)) {
    if (token.kind === 'space' || token.kind === 'comment') continue;
    if (token.kind === 'semicolon' && open.isComplete) close();
    else open.add(token, sql.slice(token.start, token.end));
  }
  close();
  return statements;
}

const WORDS = 4;

class OpenStatement {
  start: number | undefined;
  end = 0;
  readonly words: string[] = [];
  #parentheses = 0;
  #blocks = 0;

  get isComplete(): boolean {
    return this.#parentheses === 0 && this.#blocks === 0;
  }

  add({ kind, start, end }: SqlToken, text: string): void {
    this.start ??= start;
    this.end = end;
    if (kind === 'open') this.#parentheses++;
    if (kind === 'close' && this.#parentheses > 0) this.#parentheses--;
    if (kind === 'word') this.#addWord(text.toLowerCase());
  }

  #addWord(word: string): void {
    if (this.words.length < WORDS) this.words.push(word);
    if (this.#parentheses > 0 || !CREATE_ROUTINE.test(this.words.join(' '))) return;
    if (word === 'begin' || (word === 'case' && this.#blocks > 0)) this.#blocks++;
    if (word === 'end' && this.#blocks > 0) this.#blocks--;
  }
}

const CREATE_ROUTINE = /^create (?:or replace )?(?:function|procedure)\b/;

/** Whether a statement begins or ends a transaction, which a savepoint does not. */
export function controlsTransaction({ words }: SqlStatement): boolean {
  const [first = '', second, third] = words;
  if (first === 'rollback') return second !== 'to' && third !== 'to';
  if (first === 'start' || first === 'prepare') return second === 'transaction';
  return ['begin', 'commit', 'end', 'abort'].includes(first);
}

/** Where a place in a text stands: line and column, both counted from 1. */
export function textPosition(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}
