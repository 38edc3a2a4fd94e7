import { describe, expect, it } from '@jest/globals';
import { marksSession } from './session-marks.js';

describe('marksSession', () => {
  it.each([
    'SELECT 1',
    'select "r"."id" FROM "m_x"."reading" "r" WHERE "r"."temp" = $1;',
    '\n  INSERT INTO reading DEFAULT VALUES',
    'UPDATE "reading" SET "temp" = 1, "set" = 2',
    'WITH gone AS (DELETE FROM reading RETURNING *) SELECT count(*) FROM gone',
    'START TRANSACTION',
    'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE',
    'SET LOCAL statement_timeout = 100',
    'COMMIT',
    'CREATE TABLE temperature (listen int)',
    'SELECT pg_advisory_xact_lock(1)',
  ])('has no mark of %s', (sql) => expect(marksSession(sql)).toBe(false));

  it.each([
    'SET search_path TO other',
    'set role other',
    'SET SESSION AUTHORIZATION other',
    'RESET ALL',
    'LISTEN news',
    'PREPARE p AS SELECT 1',
    'DECLARE c CURSOR WITH HOLD FOR SELECT 1',
    "LOAD 'auto_explain'",
    'CREATE TEMP TABLE t (a int)',
    'create or replace temporary view v as select 1',
    'CREATE LOCAL TEMP TABLE t (a int)',
    'SELECT 1 AS a INTO TEMP t',
    'CREATE TABLE pg_temp.t (a int)',
    `SELECT "a", set_config('search_path', 'other', false) FROM t`,
    'SELECT pg_try_advisory_lock(1)',
    'SELECT pg_advisory_lock_shared(1)',
    'SELECT 1; SET search_path TO other',
    'DO $$ BEGIN PERFORM 1; END $$',
    'CALL tidy()',
    '/* why */ SET search_path TO other',
    '',
  ])('has a mark of %s', (sql) => expect(marksSession(sql)).toBe(true));
});
