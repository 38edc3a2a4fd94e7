import { once } from 'node:events';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { makeDataDir } from '../../../test/support/database.js';
import { EmbeddedServer } from './embedded-server.js';

/** Longer than the breaks of any transaction below, but for those that are about it. */
const IDLE_TRANSACTION_MS = 500;

describe('the embedded server, behind pg', () => {
  let place: Awaited<ReturnType<typeof makeDataDir>>;
  let server: EmbeddedServer;
  let first: pg.Pool;
  let second: pg.Pool;

  beforeAll(async () => {
    place = await makeDataDir();
    server = await EmbeddedServer.open({ dataDir: place.dataDir, idleTransactionMs: IDLE_TRANSACTION_MS });
    const options = { stream: server.connect, user: 'postgres', database: 'postgres', max: 4 };
    first = new pg.Pool(options);
    second = new pg.Pool(options);
    await first.query('CREATE TABLE entry (source text, number int PRIMARY KEY)');
  });

  afterAll(async () => {
    await Promise.all([first.end(), second.end()]);
    await server.close();
    await place.remove();
  });

  beforeEach(async () => {
    await first.query('TRUNCATE entry');
  });

  const connectClient = async (): Promise<pg.Client> => {
    const client = new pg.Client({ stream: server.connect, user: 'postgres', database: 'postgres' });
    await client.connect();
    return client;
  };
  const count = async (): Promise<number> =>
    (await second.query<{ n: number }>('SELECT count(*)::int AS n FROM entry')).rows[0]?.n ?? -1;

  it('syncs to the disk', async () => {
    const { rows } = await first.query('SHOW fsync');
    expect(rows).toEqual([{ fsync: 'on' }]);
  });

  it('keeps transactions of two pools apart: what one rolls back takes nothing of the other', async () => {
    const work = async (pool: pg.Pool, source: string, number: number, end: string): Promise<void> => {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        await client.query('INSERT INTO entry VALUES ($1, $2)', [source, number]);
        await setImmediate();
        await client.query('UPDATE entry SET source = source || $1 WHERE number = $2', ['!', number]);
        await client.query(end);
      } finally {
        client.release();
      }
    };
    await Promise.all(
      Array.from({ length: 40 }, (_, number) =>
        number % 2 === 0 ? work(first, 'kept', number, 'COMMIT') : work(second, 'undone', number, 'ROLLBACK'),
      ),
    );
    const { rows } = await first.query<{ source: string; n: number }>(
      'SELECT source, count(*)::int AS n FROM entry GROUP BY source',
    );
    expect(rows).toEqual([{ source: 'kept!', n: 20 }]);
  });

  it('shows nobody what a transaction has not committed', async () => {
    const client = await first.connect();
    await client.query('BEGIN');
    await client.query(`INSERT INTO entry VALUES ('open', 1)`);
    let answered = false;
    const seen = count().finally(() => (answered = true));
    await setImmediate();
    await setImmediate();
    expect(answered).toBe(false);
    await client.query('ROLLBACK');
    client.release();
    expect(await seen).toBe(0);
  });

  it('answers many queries at once, each with its own', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, n) => {
        const { rows } = await (n % 2 ? first : second).query<{ n: number }>('SELECT $1::int AS n', [n]);
        return rows[0]?.n;
      }),
    );
    expect(answers).toEqual(Array.from({ length: 200 }, (_, n) => n));
  });

  it('takes long statements and gives long answers', async () => {
    const text = 'x'.repeat(3_000_000);
    const { rows } = await first.query<{ text: string }>('SELECT $1::text AS text', [text]);
    expect(rows[0]?.text).toBe(text);
  });

  it("fails with the server's own errors, and goes on", async () => {
    await first.query(`INSERT INTO entry VALUES ('a', 1)`);
    const twice = first.query(`INSERT INTO entry VALUES ('b', $1)`, [1]);
    await expect(twice).rejects.toBeInstanceOf(pg.DatabaseError);
    await expect(twice).rejects.toMatchObject({ code: '23505', constraint: 'entry_pkey', table: 'entry' });
    await expect(first.query('SELEC 1')).rejects.toMatchObject({ code: '42601', position: '1' });
    expect(await count()).toBe(1);
  });

  it('keeps an aborted transaction to whoever began it', async () => {
    const client = await first.connect();
    await client.query('BEGIN');
    await expect(client.query('SELECT 1 / $1::int', [0])).rejects.toMatchObject({ code: '22012' });
    const others = count();
    await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' });
    await client.query('ROLLBACK');
    client.release();
    expect(await others).toBe(0);
  });

  it('rolls back what a connection leaves open when it breaks', async () => {
    const client = await connectClient();
    client.on('error', () => undefined);
    await client.query('BEGIN');
    await client.query(`INSERT INTO entry VALUES ('lost', 1)`);
    const waiting = count();
    await client.end();
    expect(await waiting).toBe(0);
  });

  it('leaves the line when a connection gives up while it waits', async () => {
    const holder = await connectClient();
    await holder.query('BEGIN');
    const impatient = new pg.Client({
      stream: server.connect,
      user: 'postgres',
      database: 'postgres',
      connectionTimeoutMillis: 20,
    });
    await expect(impatient.connect()).rejects.toThrow();
    await holder.query('COMMIT');
    expect(await count()).toBe(0);
    await holder.end();
  });

  it('cuts a transaction off that says nothing while others wait', async () => {
    const client = await connectClient();
    await client.query('BEGIN');
    await client.query(`INSERT INTO entry VALUES ('idle', 1)`);
    const errors: Error[] = [];
    client.on('error', (error) => errors.push(error));
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    expect(await count()).toBe(0);
    await ended;
    expect(errors[0]).toMatchObject({ code: '25P03', severity: 'FATAL' });
    await expect(client.query('SELECT 1')).rejects.toThrow();
  });

  it('lets a transaction take its time while nobody waits', async () => {
    const client = await connectClient();
    await client.query('BEGIN');
    await setTimeout(3 * IDLE_TRANSACTION_MS);
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await client.query('COMMIT');
    await client.end();
  });

  it('gives each connection its own search path and settings', async () => {
    const [one, two] = await Promise.all([connectClient(), connectClient()]);
    await one.query('CREATE SCHEMA IF NOT EXISTS elsewhere');
    await one.query('SET search_path TO elsewhere, public');
    await one.query(`SET work_mem = '9MB'`);
    const shown = async (client: pg.Client, name: string): Promise<unknown> =>
      Object.values((await client.query<Record<string, string>>(`SHOW ${name}`)).rows[0] ?? {})[0];
    expect(await shown(two, 'search_path')).toBe('public');
    expect(await shown(two, 'work_mem')).not.toBe('9MB');
    expect(await shown(one, 'search_path')).toBe('elsewhere, public');
    await one.query('SET ROLE pg_monitor');
    expect((await two.query('SELECT current_user AS who')).rows).toEqual([{ who: 'postgres' }]);
    await Promise.all([one.end(), two.end()]);
  });

  it('notifies those that listen, whoever sends, and no others', async () => {
    const [listener, other] = await Promise.all([connectClient(), connectClient()]);
    const heard: string[] = [];
    listener.on('notification', ({ channel, payload }) => heard.push(`${channel}: ${payload}`));
    other.on('notification', ({ channel }) => heard.push(`other heard ${channel}`));
    await listener.query('LISTEN "Quoted ""name"""; LISTEN plain');
    await other.query('LISTEN unrelated');
    await other.query('DISCARD ALL');
    const last = once(listener, 'notification');
    await first.query('SELECT pg_notify($1, $2)', ['Quoted "name"', 'one']);
    await last;
    await second.query(`NOTIFY plain, 'two'`);
    await second.query(`NOTIFY unrelated, 'three'`);
    await listener.query('UNLISTEN plain');
    await second.query(`NOTIFY plain, 'four'`);
    await listener.query('SELECT 1');
    expect(heard).toEqual(['Quoted "name": one', 'plain: two']);
    await Promise.all([listener.end(), other.end()]);
  });

  it('lets the event loop go round while one asks and asks', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    for (let n = 0; n < 200; n++) await first.query('SELECT 1');
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });
});
