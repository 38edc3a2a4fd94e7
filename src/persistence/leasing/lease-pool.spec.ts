import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { makeDataDir, makePostgresDatabase, TEST_DATABASE_URL } from '../../../test/support/database.js';
import { eventually } from '../../../test/support/eventually.js';
import { EmbeddedServer } from '../embedded/embedded-server.js';
import { LeasePool, type LeasePoolOptions } from './lease-pool.js';
import { Places } from './places.js';
import { SharedConnections } from './shared-connections.js';

interface Server {
  readonly connection: pg.PoolConfig;
  close(): Promise<void>;
}

const SERVERS: Record<string, () => Promise<Server>> = {
  embedded: async () => {
    const place = await makeDataDir();
    const server = await EmbeddedServer.open({ dataDir: place.dataDir });
    return {
      connection: { stream: server.connect, user: 'postgres', database: 'postgres' },
      close: () => server.close().then(() => place.remove()),
    };
  },
  ...(TEST_DATABASE_URL !== undefined && {
    postgres: async () => {
      const place = await makePostgresDatabase();
      return { connection: { connectionString: place.url }, close: () => place.remove() };
    },
  }),
};

describe.each(Object.keys(SERVERS))('LeasePool, %s', (kind) => {
  let server: Server;
  let pool: pg.Pool;
  let shared: SharedConnections;
  let errors: Error[];

  beforeAll(async () => {
    server = await (SERVERS[kind] as () => Promise<Server>)();
    const client = new pg.Client(server.connection);
    await client.connect();
    await client.query(`
      CREATE SCHEMA m_one; CREATE TABLE m_one.reading AS SELECT 'one' AS of;
      CREATE SCHEMA m_two; CREATE TABLE m_two.reading AS SELECT 'two' AS of;
      CREATE TABLE m_two.secret (a int)`);
    await client.end();
  });
  afterAll(() => server.close());

  /** Of a size that makes lessees share connections. */
  const open = (max: number): void => {
    pool = new pg.Pool({ ...server.connection, max, connectionTimeoutMillis: 10_000 });
    pool.on('error', (error) => errors.push(error));
    pool.on('connect', (client) => client.on('error', (error) => errors.push(error)));
    shared = new SharedConnections(pool, kind === 'postgres', (error) => errors.push(error));
  };
  beforeEach(() => {
    errors = [];
    open(1);
  });
  afterEach(() => pool.end());

  const lessee = (searchPath: string[], options: Partial<LeasePoolOptions> = {}): LeasePool =>
    new LeasePool(shared, { name: 'hello', searchPath, ...options });
  it("gives each its own search path, and the server's own where none is asked", async () => {
    const [one, two, host] = [lessee(['m_one']), lessee(['m_two']), lessee([])];
    for (let round = 0; round < 3; round++) {
      expect((await one.query('SELECT of FROM reading')).rows).toEqual([{ of: 'one' }]);
      expect((await two.query('SELECT of FROM reading')).rows).toEqual([{ of: 'two' }]);
      await expect(one.query('SELECT * FROM secret')).rejects.toMatchObject({ code: '42P01' });
      await expect(host.query('SELECT of FROM reading')).rejects.toMatchObject({ code: '42P01' });
    }
  });

  it('asks the server for nothing where the search path is there already', async () => {
    const one = lessee(['m_one']);
    await one.query('SELECT 1');
    const sent: unknown[] = [];
    const client = await pool.connect();
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    Object.assign(client, { query: (...args: unknown[]) => (sent.push(args[0]), query(...args)) });
    client.release();
    await one.query('SELECT 2');
    expect(sent).toEqual(['SELECT 2']);
  });

  it('leaves nothing of one lessee to the next', async () => {
    const [one, two] = [lessee(['m_one']), lessee(['m_two'])];
    const lease = await one.connect();
    const heard: unknown[] = [];
    lease.on('notification', (message) => heard.push(message));
    await lease.query('SET search_path TO m_two');
    await lease.query(`SET work_mem = '9MB'`);
    await lease.query('LISTEN news');
    await lease.query('CREATE TEMP TABLE reading AS SELECT 3 AS of');
    lease.release();

    expect((await two.query('SELECT of FROM reading')).rows).toEqual([{ of: 'two' }]);
    expect((await one.query('SELECT of FROM reading')).rows).toEqual([{ of: 'one' }]);
    expect((await two.query('SHOW work_mem')).rows).not.toEqual([{ work_mem: '9MB' }]);
    expect((await two.query('SELECT * FROM pg_listening_channels()')).rows).toEqual([]);
    await two.query(`NOTIFY news, 'for nobody'`);
    expect(heard).toEqual([]);
    expect(pool.totalCount).toBe(1);
  });

  it('closes a connection that is released in a transaction', async () => {
    const one = lessee(['m_one']);
    const lease = await one.connect();
    await lease.query('START TRANSACTION');
    await lease.query('CREATE TABLE half (a int)');
    lease.release();
    await expect(lessee(['m_one']).query('SELECT * FROM half')).rejects.toMatchObject({ code: '42P01' });
  });

  it('closes a connection that has named statements of its lessee', async () => {
    const named = { name: 'same', text: 'SELECT of FROM reading' };
    const [one, two] = [lessee(['m_one']), lessee(['m_two'])];
    for (const [leases, of] of [
      [one, 'one'],
      [two, 'two'],
    ] as const) {
      const lease = await leases.connect();
      expect(await lease.query(named)).toMatchObject({ rows: [{ of }] });
      lease.release();
    }
  });

  it('leaves no temporary table where a connection is cut', async () => {
    const lease = await lessee(['m_one']).connect();
    await lease.query('CREATE TEMP TABLE reading AS SELECT 3 AS of');
    lease.release(new Error('broken'));
    await eventually(async () =>
      expect((await lessee(['m_two']).query('SELECT of FROM reading')).rows).toEqual([{ of: 'two' }]),
    );
  });

  it('fails with the reason whatever is asked after the close, and lets others go on', async () => {
    const [one, two] = [lessee(['m_one']), lessee(['m_two'])];
    const lease = await one.connect();
    const waiting = one.connect();
    one.close(() => new Error('unloaded'));
    await expect(waiting).rejects.toThrow('unloaded');
    await expect(one.connect()).rejects.toThrow('unloaded');
    expect(() => void lease.query('SELECT 1')).toThrow('unloaded');
    expect((await two.query('SELECT of FROM reading')).rows).toEqual([{ of: 'two' }]);
  });

  it('says who holds what when a place does not become free in time', async () => {
    await pool.end();
    open(4);
    const all = new Places(3, 'all modules');
    const greedy = lessee(['m_one'], { name: 'greedy', places: [new Places(2, 'one module'), all], waitMs: 30 });
    const modest = lessee(['m_two'], { name: 'modest', places: [new Places(2, 'one module'), all], waitMs: 30 });
    const held = [await greedy.connect(), await greedy.connect()];
    await expect(greedy.connect()).rejects.toMatchObject({
      code: 'DATABASE_BUSY',
      message:
        'greedy got no database connection within 30 ms: of 2 for one module, greedy holds 2; of 3 for all modules, greedy holds 2.',
    });
    held.push(await modest.connect());
    await expect(modest.query('SELECT 1')).rejects.toMatchObject({ code: 'DATABASE_BUSY' });
    await lessee([]).query('SELECT 1');
    for (const lease of held) lease.release();
    await modest.query('SELECT 1');
    await greedy.query('SELECT 1');
  });

  it('gives the places back where a connection cannot be had', async () => {
    const places = [new Places(1, 'one module')];
    const one = lessee(['m_one'], { places });
    const client = await pool.connect();
    Object.assign(client, { query: () => Promise.reject(new Error('cut off')) });
    client.release();
    await expect(one.query('SELECT 1')).rejects.toThrow('cut off');
    await one.query('SELECT 1');
  });

  it('passes on callbacks and events', async () => {
    const lease = await lessee(['m_one']).connect();
    const answer = await new Promise((resolve, reject) =>
      lease.query('SELECT of FROM reading', [], (error: unknown, result: pg.QueryResult) =>
        error ? reject(error as Error) : resolve(result.rows),
      ),
    );
    expect(answer).toEqual([{ of: 'one' }]);
    const query = new pg.Query('SELECT of FROM reading');
    const rows: unknown[] = [];
    query.on('row', (row) => rows.push(row));
    lease.query(query);
    await once(query, 'end');
    expect(rows).toEqual([{ of: 'one' }]);
    await lease.query('SELECT 1');
    lease.release();
    await lessee(['m_two']).query('SELECT 1');
    expect(pool.totalCount).toBe(1);
  });

  if (kind === 'postgres') {
    it('ends a query that runs when its connection is released', async () => {
      await pool.end();
      open(2);
      const one = lessee(['m_one']);
      const lease = await one.connect();
      const failed = expect(lease.query('SELECT pg_sleep(60)')).rejects.toThrow('unloaded');
      await eventually(async () => expect(await sleeping()).toBe(1));
      one.close(() => new Error('unloaded'));
      await failed;
      await eventually(async () => expect(await sleeping()).toBe(0));
      expect(errors).toEqual([]);

      async function sleeping(): Promise<number> {
        const sql = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'`;
        return (await lessee([]).query<{ n: number }>(sql)).rows[0]?.n ?? -1;
      }
    });
  }
});
