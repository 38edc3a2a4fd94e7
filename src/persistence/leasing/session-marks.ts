/** Statements that, as such, leave nothing in the session that outlives their transaction. */
const UNMARKING = new RegExp(
  `^\\s*(?:${[
    ...[
      'SELECT',
      'VALUES',
      'TABLE',
      'WITH',
      'INSERT',
      'UPDATE',
      'DELETE',
      'MERGE',
      'TRUNCATE',
      'LOCK',
      'SHOW',
      'EXPLAIN',
    ],
    ...['CREATE', 'ALTER', 'DROP', 'COMMENT', 'GRANT', 'REVOKE', 'REFRESH', 'ANALYZE', 'VACUUM', 'REINDEX', 'NOTIFY'],
    ...['BEGIN', 'START TRANSACTION', 'COMMIT', 'END', 'ROLLBACK', 'ABORT', 'SAVEPOINT', 'RELEASE'],
    ...['SET TRANSACTION', 'SET LOCAL', 'SET CONSTRAINTS'],
  ].join('|')})\\b`,
  'i',
);

/** What in such a statement leaves something all the same, or hides a second statement. */
const MARKING = new RegExp(
  [
    String.raw`\b(?:CREATE(?:\s+OR\s+REPLACE)?|INTO)\s+(?:(?:LOCAL|GLOBAL)\s+)?TEMP(?:ORARY)?\b`,
    String.raw`\bpg_temp\b`,
    String.raw`\b(?:set_config|setseed)\b`,
    String.raw`\bpg_(?:try_)?advisory_lock`,
    String.raw`;\s*\S`,
  ].join('|'),
  'i',
);

/**
 * Whether a statement may leave something in the session: a setting, a temporary table, a LISTEN, a lock, a prepared
 * statement, a cursor. Says yes where it does not know. What a function or a trigger does inside is not seen.
 */
export const marksSession = (sql: string): boolean => !UNMARKING.test(sql) || MARKING.test(sql);
