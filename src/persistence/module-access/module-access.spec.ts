import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stat } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describeOnPostgres, openTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { HostDatabase } from '../host-database.js';
import { type ModuleConnection, SOCKET_NAME } from './module-connection.js';
import { ModuleAccess, type OpenAccess } from './module-access.js';

const SECRET = { secretKey: 'a-key-for-tests-only-0123456789abcdef' };

const accessOf = ({ database, dataSource }: TestDatabase, config = SECRET) =>
  new ModuleAccess(database, dataSource, config);

/** As the process of the module does it. */
async function asModule<T>(connection: ModuleConnection, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(
    connection.kind === 'postgres'
      ? connection.url
      : { host: connection.folder, port: 5432, user: 'postgres', database: 'postgres' },
  );
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

describeOnPostgres("a module's role on PostgreSQL", () => {
  let test: TestDatabase;
  let meter: OpenAccess;

  beforeAll(async () => {
    test = await openTestDatabase('postgres');
    const access = accessOf(test);
    meter = await access.open('my-meter');
    await access.open('other');
    await test.dataSource.query(`
      CREATE TABLE m_other.secret (value text); INSERT INTO m_other.secret VALUES ('theirs');
      INSERT INTO nestdock.module_migration (module, name, kind, checksum, version, host)
        VALUES ('my-meter', '001_a', 'sql', 'c', '1.0.0', 'h'), ('other', '001_b', 'sql', 'c', '1.0.0', 'h')`);
  });
  afterAll(async () => {
    await meter.close();
    await test.dataSource.transaction(async (transaction) => {
      for (const module of ['my-meter', 'other']) await accessOf(test).drop(module, transaction);
    });
    await test.close();
  });

  const denied = (sql: string) => asModule(meter.connection, (client) => client.query(sql));

  it.each([
    ["another module's table", 'SELECT * FROM m_other.secret'],
    ["another module's schema", 'CREATE TABLE m_other.mine ()'],
    ['the modules', 'SELECT * FROM nestdock.module'],
    ['settings, where secrets are', 'SELECT * FROM nestdock.module_settings'],
    ['the secret key', 'SELECT * FROM nestdock.secret_key'],
    ['jobs', 'SELECT * FROM nestdock.job'],
    ["the host's schema", 'CREATE TABLE nestdock.mine ()'],
    ['other roles', 'CREATE ROLE mine'],
    ['its own limits', 'ALTER ROLE CURRENT_USER SUPERUSER'],
    ['databases', 'CREATE DATABASE mine'],
    ['programs of the server', `COPY (SELECT 1) TO PROGRAM 'true'`],
    ['files of the server', `SELECT pg_read_file('/etc/passwd')`],
    ['passwords', 'SELECT * FROM pg_authid'],
  ])('may not touch %s', async (_what, sql) => {
    await expect(denied(sql)).rejects.toMatchObject({ code: '42501' });
  });

  it("may not become the host's role", async () => {
    const [{ host }] = await test.dataSource.query<[{ host: string }]>('SELECT current_user AS host');
    await expect(denied(`SET ROLE ${pg.escapeIdentifier(host)}`)).rejects.toMatchObject({ code: '42501' });
    await expect(denied(`SET SESSION AUTHORIZATION ${pg.escapeIdentifier(host)}`)).rejects.toMatchObject({
      code: '42501',
    });
  });

  it('sees and writes the records of its own migrations only', async () => {
    const { rows } = await asModule(meter.connection, (client) =>
      client.query('SELECT name FROM nestdock.module_migration'),
    );
    expect(rows).toEqual([{ name: '001_a' }]);
    const forged = `INSERT INTO nestdock.module_migration (module, name, kind, checksum, version, host)
      VALUES ('other', '002', 'sql', 'c', '1.0.0', 'h')`;
    await expect(denied(forged)).rejects.toMatchObject({ code: '42501' });
    const { rowCount } = await denied(`UPDATE nestdock.module_migration SET status = 'begun' WHERE module = 'other'`);
    expect(rowCount).toBe(0);
  });

  it('does in its own schema what it wants', async () => {
    const { rows } = await asModule(meter.connection, async (client) => {
      await client.query('SET search_path TO m_my_meter');
      await client.query(
        'CREATE TABLE reading (id serial PRIMARY KEY, value int); CREATE INDEX CONCURRENTLY ON reading (value)'.split(
          ';',
        )[0] ?? '',
      );
      await client.query('CREATE INDEX CONCURRENTLY ON reading (value)');
      await client.query('INSERT INTO reading (value) VALUES (7)');
      return client.query('SELECT value FROM reading');
    });
    expect(rows).toEqual([{ value: 7 }]);
  });

  it('owns what the host has made there while the module ran inline, and the host goes on to', async () => {
    await test.dataSource.query(`
      CREATE TABLE m_my_meter.inline (id serial PRIMARY KEY, by_default int GENERATED BY DEFAULT AS IDENTITY);
      CREATE VIEW m_my_meter.seen AS SELECT * FROM m_my_meter.inline;
      CREATE TYPE m_my_meter.mood AS ENUM ('good');
      CREATE FUNCTION m_my_meter.one() RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE SEQUENCE m_my_meter.counter`);
    await accessOf(test).open('my-meter');
    await asModule(meter.connection, async (client) => {
      await client.query('ALTER TABLE m_my_meter.inline ADD COLUMN note text');
      await client.query('DROP VIEW m_my_meter.seen');
      await client.query(`ALTER TYPE m_my_meter.mood ADD VALUE 'bad'`);
      await client.query('DROP FUNCTION m_my_meter.one()');
      await client.query('DROP SEQUENCE m_my_meter.counter');
    });
    await test.dataSource.query(`INSERT INTO m_my_meter.inline (note) VALUES ('of the host')`);
  });

  it('is made once, whoever comes at the same time', async () => {
    await Promise.all(Array.from({ length: 4 }, () => accessOf(test).open('at-once')));
    await test.dataSource.transaction((transaction) => accessOf(test).drop('at-once', transaction));
  });

  it('gets another password with another key, and the old one opens nothing any more', async () => {
    const first = await accessOf(test).open('turned');
    const second = await accessOf(test, { secretKey: 'another-key-for-tests-0123456789abcdef' }).open('turned');
    expect(second.connection).not.toEqual(first.connection);
    await asModule(second.connection, (client) => client.query('SELECT 1'));
    await test.dataSource.transaction((transaction) => accessOf(test).drop('turned', transaction));
  });

  it('goes with all that it owns', async () => {
    await accessOf(test).open('gone');
    await test.dataSource.query('CREATE TABLE m_gone.mine ()');
    await accessOf(test).open('gone');
    await test.dataSource.transaction(async (transaction) => {
      await accessOf(test).drop('gone', transaction);
      await accessOf(test).drop('gone', transaction);
    });
    const left = await test.dataSource.query<unknown[]>(`SELECT FROM pg_roles WHERE rolname LIKE 'nd\\_%\\_gone'`);
    expect(left).toEqual([]);
  });
});

describe('a module at the embedded database', () => {
  let test: TestDatabase;

  beforeAll(async () => {
    test = await openTestDatabase('embedded');
  });
  afterAll(() => test.close());

  const embedded = async () => {
    const access = await accessOf(test).open('hello');
    if (access.connection.kind !== 'embedded') throw new Error('it is not embedded');
    return { ...access, folder: access.connection.folder };
  };

  it('is let in through a socket that nobody else can reach', async () => {
    const { folder, connection, close } = await embedded();
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    const { rows } = await asModule(connection, (client) => client.query('SELECT 1 AS one'));
    expect(rows).toEqual([{ one: 1 }]);
    await close();
    await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('has a database of its own kind, with its own search path', async () => {
    const { connection, close } = await embedded();
    const database = await HostDatabase.openForModule(connection);
    const { rows } = await database.poolFor('hello', ['m_hello']).query('SELECT current_schema() AS schema');
    expect([database.kind, rows]).toEqual(['embedded', [{ schema: 'm_hello' }]]);
    await database.close();
    await close();
  });

  it('rolls back what a client has begun that is cut off', async () => {
    const { connection, close } = await embedded();
    await test.dataSource.query('CREATE TABLE m_hello.cut (value int)');
    const client = new pg.Client({
      host: (connection as { folder: string }).folder,
      port: 5432,
      user: 'postgres',
      database: 'postgres',
    });
    client.on('error', () => undefined);
    await client.connect();
    await client.query('BEGIN');
    await client.query('INSERT INTO m_hello.cut VALUES (1)');
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    expect(await test.dataSource.query('SELECT * FROM m_hello.cut')).toEqual([]);
    await close();
  });

  it('does not keep the host waiting with half a message', async () => {
    const { folder, close } = await embedded();
    const socket = connectSocket(join(folder, SOCKET_NAME));
    socket.write(Buffer.from([0, 0, 1, 0, 0, 3]));
    await sleep(50);
    expect(await test.dataSource.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    socket.destroy();
    await close();
  });

  it('is cut off where a transaction says nothing while the host waits, even if it takes no answer', async () => {
    const { connection, close } = await embedded();
    const stalled = asModule(connection, async (client) => {
      await client.query('BEGIN');
      await client.query('SELECT 1');
      (client as unknown as { connection: { stream: { pause(): void } } }).connection.stream.pause();
      await test.dataSource.query('SELECT 1 AS one');
    });
    await Promise.allSettled([stalled]);
    expect(await test.dataSource.query('SELECT 2 AS two')).toEqual([{ two: 2 }]);
    await close();
  });
});
