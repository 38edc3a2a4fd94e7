import { describe, expect, it } from '@jest/globals';
import { controlsTransaction, splitStatements, textPosition } from './sql-statements.js';

const texts = (sql: string): string[] => splitStatements(sql).map(({ text }) => text);

describe('splitStatements', () => {
  it.each<[string, string, string[]]>([
    ['nothing', '', []],
    ['emptiness', ' ;; \n; -- a; b\n /* c; d */ ;', []],
    ['two, the last without a semicolon', 'SELECT 1; SELECT 2 ', ['SELECT 1', 'SELECT 2']],
    ['comments around', '-- a;\nSELECT 1 -- b;\n; /* ; */ SELECT 2', ['SELECT 1', 'SELECT 2']],
    ['nested comments', 'SELECT 1 /* a /* b; */ c; */ + 1; SELECT 2', ['SELECT 1 /* a /* b; */ c; */ + 1', 'SELECT 2']],
    ['a comment that is not closed', 'SELECT 1; /* /* */ SELECT 2;', ['SELECT 1']],
    ['a comment right behind an operator', 'SELECT 1 +--;\n2; SELECT 3', ['SELECT 1 +--;\n2', 'SELECT 3']],
    ['strings', "SELECT 'a;''b;'; SELECT ';'", ["SELECT 'a;''b;'", "SELECT ';'"]],
    ['a backslash in a plain string', "SELECT '\\'; SELECT 2", ["SELECT '\\'", 'SELECT 2']],
    [
      'an escape in an E string',
      "SELECT E'\\';'; SELECT e'\\\\'; SELECT 3",
      ["SELECT E'\\';'", "SELECT e'\\\\'", 'SELECT 3'],
    ],
    ['an E string that goes on', "SELECT E'a' -- b\n  '\\';'; SELECT 2", ["SELECT E'a' -- b\n  '\\';'", 'SELECT 2']],
    ['a name that ends with e', "SELECT note'\\'; SELECT 2", ["SELECT note'\\'", 'SELECT 2']],
    ['unicode strings', "SELECT U&'\\0041;' UESCAPE '!'; SELECT 2", ["SELECT U&'\\0041;' UESCAPE '!'", 'SELECT 2']],
    ['quoted names', 'SELECT ";""--;" FROM "a\'b"; SELECT 2', ['SELECT ";""--;" FROM "a\'b"', 'SELECT 2']],
    ['a string that is not closed', "SELECT 1; SELECT 'a; b", ['SELECT 1', "SELECT 'a; b"]],
    [
      'dollar quotes',
      "DO $$ BEGIN a; END $$; SELECT $a$ $$; $b$; ' $a$; SELECT 3",
      ['DO $$ BEGIN a; END $$', "SELECT $a$ $$; $b$; ' $a$", 'SELECT 3'],
    ],
    [
      'a dollar in a name',
      'SELECT a$b$; SELECT $1; SELECT c$$; SELECT 4',
      ['SELECT a$b$', 'SELECT $1', 'SELECT c$$', 'SELECT 4'],
    ],
    ['dollar quotes with other letters', 'SELECT $ä$;$ä$; SELECT 2', ['SELECT $ä$;$ä$', 'SELECT 2']],
    [
      'a rule of several commands',
      'CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2); SELECT 3',
      ['CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2)', 'SELECT 3'],
    ],
    ['one parenthesis too many', 'SELECT 1); SELECT 2', ['SELECT 1)', 'SELECT 2']],
    [
      'a body of SQL',
      'create or replace function f(a int) returns int language sql begin atomic select case when a > 0 then 1 end; select 2; end; SELECT 3',
      [
        'create or replace function f(a int) returns int language sql begin atomic select case when a > 0 then 1 end; select 2; end',
        'SELECT 3',
      ],
    ],
    ['BEGIN outside a function', 'BEGIN; SELECT 1; END', ['BEGIN', 'SELECT 1', 'END']],
    ['Windows line ends', 'SELECT 1 -- a;\r\n;\r\nSELECT 2', ['SELECT 1', 'SELECT 2']],
  ])('knows %s', (_what, sql, statements) => {
    expect(texts(sql)).toEqual(statements);
  });

  it('says where each begins', () => {
    const sql = '-- first\nSELECT 1;\n\n  SELECT 2;';
    expect(splitStatements(sql).map(({ offset }) => textPosition(sql, offset))).toEqual([
      { line: 2, column: 1 },
      { line: 4, column: 3 },
    ]);
  });

  it('takes a text of megabytes', () => {
    const long = "x''".repeat(500_000);
    expect(
      texts(`SELECT '${long}'; SELECT E'${'\\n'.repeat(500_000)}'; SELECT /*${'*'.repeat(999_999)}*/ 3`),
    ).toHaveLength(3);
    expect(texts('INSERT INTO t VALUES (1);\n'.repeat(50_000))).toHaveLength(50_000);
  });
});

describe('controlsTransaction', () => {
  it.each([
    'BEGIN',
    'start transaction',
    '/* a */ COMMIT',
    'COMMIT AND CHAIN',
    'END',
    'ROLLBACK',
    'ROLLBACK WORK',
    'ABORT',
    "PREPARE TRANSACTION 'a'",
  ])('is true of %s', (sql) => expect(splitStatements(sql).map(controlsTransaction)).toEqual([true]));

  it.each([
    'SAVEPOINT a',
    'ROLLBACK TO a',
    'ROLLBACK WORK TO SAVEPOINT a',
    'RELEASE a',
    'PREPARE a AS SELECT 1',
    'DO $$ BEGIN END $$',
    'SELECT 1 AS begin',
  ])('is false of %s', (sql) => expect(splitStatements(sql).map(controlsTransaction)).toEqual([false]));
});
