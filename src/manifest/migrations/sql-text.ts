import { controlsTransaction, splitStatements, textPosition } from './sql-statements.js';

/** A migration's SQL, as far as it can be understood without a database. */
export interface SqlText {
  readonly text: string;
  /** False where the file's first line asks to be run outside a transaction. */
  readonly transactional: boolean;
}

export interface SqlFlaw {
  readonly code: 'MANIFEST_MIGRATION_MARK' | 'MANIFEST_MIGRATION_TRANSACTION';
  readonly message: string;
  readonly hint?: string;
  readonly line: number;
  readonly column: number;
}

const NO_TRANSACTION = '-- nestdock: no-transaction';
const MARK = /^--[ \t]*nestdock[ \t]*:[ \t]*(.*?)[ \t]*$/gim;

/** Reads the mark on an SQL file's first line, and checks that the file keeps to what the mark means. */
export function readSqlText(text: string): { readonly sql: SqlText; readonly flaws: SqlFlaw[] } {
  const marks = [...text.matchAll(MARK)];
  const transactional = !(marks[0]?.index === 0 && isKnown(marks[0][1]));
  const flaws = [
    ...marks.flatMap(({ index, 1: mark }): SqlFlaw[] => {
      if (index === 0 && isKnown(mark)) return [];
      const message = isKnown(mark) ? 'the mark is not on the first line' : `there is no mark \`${mark ?? ''}\``;
      const hint = `the only mark is \`${NO_TRANSACTION}\`, on the first line`;
      return [{ code: 'MANIFEST_MIGRATION_MARK', message, hint, ...textPosition(text, index) }];
    }),
    ...(transactional ? transactionFlaws(text) : markedFlaws(text)),
  ];
  return { sql: { text, transactional }, flaws };
}

const isKnown = (mark: string | undefined): boolean => mark?.toLowerCase() === 'no-transaction';

function transactionFlaws(text: string): SqlFlaw[] {
  return splitStatements(text)
    .filter(controlsTransaction)
    .map(({ offset, words }) => ({
      code: 'MANIFEST_MIGRATION_TRANSACTION',
      message: `\`${words[0]?.toUpperCase() ?? ''}\` would begin or end a transaction, and the migration runs in one already`,
      hint: 'leave it out: all pending migrations are committed together or not at all',
      ...textPosition(text, offset),
    }));
}

/** PostgreSQL would run several statements that come together as one transaction. */
function markedFlaws(text: string): SqlFlaw[] {
  const statements = splitStatements(text);
  if (statements.length === 1) return [];
  return [
    {
      code: 'MANIFEST_MIGRATION_MARK',
      message: `a file that is marked \`${NO_TRANSACTION}\` has one statement, and this one has ${statements.length}`,
      hint: 'give each statement a file of its own',
      ...textPosition(text, statements[1]?.offset ?? 0),
    },
  ];
}
