import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { join } from 'node:path';
import pg from 'pg';
import { describeOnPostgres, makePostgresDatabase } from './support/database.js';
import { TestHost } from './support/test-host.js';
import { writeModule } from './support/write-module.js';

const MODULES = 200;
const AT_ONCE = 200;
const ROUNDS = 5;

/** A Nest entry with an entity, a repository and a query that takes a moment. */
const SOURCE = `
  import { Controller, Get, Module } from '@nestjs/common';
  import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
  import { Column, Entity, PrimaryGeneratedColumn, Repository } from 'typeorm';

  @Entity() class Reading {
    @PrimaryGeneratedColumn() id: number;
    @Column({ type: 'text' }) of: string;
  }
  @Controller() class Readings {
    constructor(@InjectRepository(Reading) private readonly readings: Repository<Reading>) {}
    async onModuleInit() {
      await this.readings.query('CREATE TABLE IF NOT EXISTS reading (id serial PRIMARY KEY, "of" text NOT NULL)');
      await this.readings.save({ of: 'NAME' });
    }
    @Get() async list() {
      await this.readings.query('SELECT pg_sleep(0.02)');
      return [await this.readings.find({ select: { of: true } }), await this.readings.query('SELECT "of" FROM reading')];
    }
  }
  @Module({ imports: [TypeOrmModule.forFeature([Reading])], controllers: [Readings] }) export default class {}`;

const nameOf = (n: number): string => `data-reading-${n}`;

describeOnPostgres('200 modules with entities', () => {
  let host: TestHost;
  let database: Awaited<ReturnType<typeof makePostgresDatabase>>;
  let observer: pg.Client;

  beforeAll(async () => {
    database = await makePostgresDatabase();
    host = await TestHost.start({ env: { DATABASE_URL: database.url } });
    observer = new pg.Client({ connectionString: database.url, application_name: 'observer' });
    await observer.connect();
  });
  afterAll(async () => {
    await observer.end();
    await host.dispose();
    await database.remove();
  });

  const count = async (where: string): Promise<number> => {
    const sql = `SELECT count(*)::int AS n FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid() AND ${where}`;
    return (await observer.query<{ n: number }>(sql)).rows[0]?.n ?? -1;
  };
  const connections = () => count('true');

  /** The most that were open while these modules were asked, all at once. */
  async function peakWhileAsking(modules: number): Promise<number> {
    let asking = true;
    const answers = Promise.all(
      Array.from({ length: AT_ONCE }, async (_, n) => {
        const name = nameOf(n % modules);
        const { status, body } = await host.request('GET', `/api/v1/m/${name}`);
        expect([status, body]).toEqual([200, [[{ of: name }], [{ of: name }]]]);
      }),
    );
    // What the host needs itself, it needs in both figures.
    const own = Promise.all(Array.from({ length: AT_ONCE }, () => host.admin('GET', '/modules/nobody')));
    const asked = Promise.all([answers, own]).finally(() => (asking = false));
    let peak = 0;
    while (asking) peak = Math.max(peak, await connections());
    await asked;
    return Math.max(peak, await connections());
  }

  /** What the host itself has open comes and goes: over several rounds, its own peak is in both figures. */
  async function peakOfRounds(modules: number): Promise<number> {
    let peak = 0;
    for (let round = 0; round < ROUNDS; round++) peak = Math.max(peak, await peakWhileAsking(modules));
    return peak;
  }

  const enable = async (n: number): Promise<void> => {
    const name = nameOf(n);
    await writeModule(host.modulesDir, { name, entry: './index.ts' }, { 'index.ts': SOURCE.replace('NAME', name) });
    expect((await host.admin('POST', '/modules', { path: join(host.modulesDir, name) })).status).toBeLessThan(300);
    expect((await host.admin('POST', `/modules/${name}/enable`)).status).toBe(200);
  };

  it('open at most two connections more than one does', async () => {
    await enable(0);
    const one = await peakOfRounds(1);
    for (let n = 1; n < MODULES; n++) await enable(n);
    const all = await peakOfRounds(MODULES);
    expect(all - one).toBeLessThanOrEqual(2);
    expect(all - (await count(`query ILIKE 'LISTEN%'`))).toBeLessThanOrEqual(10);
  }, 240_000);
});
