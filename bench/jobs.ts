/**
 * Jobs beside raw pg-boss on the same database: throughput from asking to done, the time from a tick to its start, what
 * 1,000 idle schedules cost, and how long a module waits while another one floods the queue.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type QueryResult } from 'pg';
import { type Db, PgBoss } from 'pg-boss';
import { type DataSource } from 'typeorm';
import { getDataSourceToken } from '@nestjs/typeorm';
import { JobsService } from '../src/jobs/index.js';
import { ModuleLoaderService } from '../src/lifecycle/index.js';
import { HOST_DATA_SOURCE, HOST_DATABASE, type HostDatabase, Listening } from '../src/persistence/index.js';
import { BenchHost, type ModuleFiles } from './support/bench-host.js';
import { percentile, round } from './support/figures.js';
import { BENCH_DATABASE_URL, countQueries, withDatabase } from './support/jobs-database.js';

const RUNS = 2_000;
/** Asked for at the same time. */
const PARALLEL = 20;
const CONCURRENCY = 10;
const TICKING_JOBS = 20;
const TICKING_S = 15;
const IDLE_JOBS = 1_000;
const IDLE_S = 20;
const FLOOD = 500;
const ENV = { SECRET_KEY: 'a-key-for-benches-only', ADMIN_TOKEN: 'a-token-for-benches-only' };

const queries = countQueries();
const figures: Record<string, Record<string, number>> = {};

await measure('embedded', {});
if (BENCH_DATABASE_URL === undefined) console.info('TEST_DATABASE_URL is not set: the embedded database alone');
else await withDatabase(BENCH_DATABASE_URL, (DATABASE_URL) => measure('PostgreSQL', { DATABASE_URL }));
console.table(transposed(figures));

async function measure(name: string, env: Readonly<Record<string, string>>): Promise<void> {
  const bench = await BenchHost.create();
  try {
    await bench.write('work', jobsModule('work', CONCURRENCY, { overlap: 'allow' }, 'return 1;'));
    await bench.write(
      'flood',
      jobsModule('flood', 1, { overlap: 'allow' }, 'await new Promise((d) => setTimeout(d, 50));'),
    );
    await bench.write('lone', jobsModule('lone', 1, { schedule: '* * * * * *' }, 'return 1;'));
    await bench.write('ticking', jobsModule('ticking', TICKING_JOBS, { schedule: '* * * * * *' }, 'return 1;'));
    await bench.write('idle', jobsModule('idle', IDLE_JOBS, { schedule: '0 3 1 1 *' }, 'return 1;'));
    const { app } = await bench.open({ ...ENV, ...env });
    const loader = app.get(ModuleLoaderService);
    const boss = await startRawBoss(app.get<HostDatabase>(HOST_DATABASE));
    const raw = await boss.throughput();
    const rawLone = await boss.ticksToStarts(1);
    const rawTicks = await boss.ticksToStarts(TICKING_JOBS);
    await boss.stop();
    await loader.loadModule('work');
    const ours = await throughput(app);
    await loader.loadModule('flood');
    const waits = await waitsBesideFlood(app);
    const lone = await ticksToStarts(app, loader, 'lone');
    const ticks = await ticksToStarts(app, loader, 'ticking');
    await loader.loadModule('idle');
    figures[name] = {
      'raw pg-boss runs/s': round(raw, 0),
      'runs/s': round(ours, 0),
      'of raw': round(ours / raw),
      ...latency('raw pg-boss: 1 tick to start', rawLone),
      ...latency('1 tick to start', lone),
      ...latency(`raw pg-boss: ${TICKING_JOBS} ticks at once to starts`, rawTicks),
      ...latency(`${TICKING_JOBS} ticks at once to starts`, ticks),
      ...latency('beside a flood', waits),
      ...(await idleCost()),
    };
  } finally {
    await bench.dispose();
  }
}

/** A row for each figure, a column for each database. */
function transposed(table: typeof figures): Record<string, Record<string, number | undefined>> {
  const names = Object.keys(Object.values(table)[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [name, Object.fromEntries(Object.entries(table).map(([kind, row]) => [kind, row[name]]))]),
  );
}

function jobsModule(name: string, count: number, job: object, body: string): ModuleFiles {
  const jobs = Object.fromEntries(
    Array.from({ length: count }, (_none, index) => [`job-${index}`, { handler: './job.ts', ...job }]),
  );
  const manifest = { name, version: '1.0.0', displayName: name, description: name, author: 'Nestdock', jobs };
  return { 'manifest.json': JSON.stringify(manifest), 'job.ts': `export default async () => { ${body} };\n` };
}

interface RawBoss {
  /** Runs a second of the queue alone. */
  throughput(): Promise<number>;
  /** Milliseconds from ticks to the start of their handlers, where so many are sent at each whole second. */
  ticksToStarts(atOnce: number): Promise<number[]>;
  stop(): Promise<void>;
}

/**
 * The queue alone, each message sent and handled by itself, with as many workers as ours has places. Each looks again as
 * soon as it is done: by itself it would wait for a notice or its next poll, and the rest would stall.
 */
async function startRawBoss(database: HostDatabase): Promise<RawBoss> {
  const db: Db = {
    async executeSql(text, values) {
      const result: QueryResult | QueryResult[] = await database.pool.query(text, values);
      return Array.isArray(result) ? { rows: result.flatMap(({ rows }) => rows as unknown[]) } : result;
    },
    async listen(channel, onNotification) {
      const listening = new Listening(database, channel, { onNotification, onError: console.error });
      await listening.open();
      return { close: () => listening.close() };
    },
  };
  const boss = new PgBoss({ db, schema: 'raw', schedule: false, useListenNotify: true });
  boss.on('error', console.error);
  await boss.start();
  await boss.createQueue('raw', { notify: true, heartbeatSeconds: 10 });
  const starts: { readonly at: number; readonly tick: number }[] = [];
  for (let count = 0; count < CONCURRENCY; count++) {
    let worker = '';
    const options = { pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 0.5 };
    worker = await boss.work<{ tick: number }>('raw', options, async (messages) => {
      for (const { data } of messages) starts.push({ at: Date.now(), tick: data.tick });
      boss.notifyWorker(worker);
    });
  }
  return {
    async throughput() {
      starts.length = 0;
      const started = performance.now();
      await inParallel(RUNS, () => boss.send('raw', { tick: 0 }));
      while (starts.length < RUNS) await sleep(5);
      return RUNS / ((performance.now() - started) / 1000);
    },
    async ticksToStarts(atOnce) {
      starts.length = 0;
      for (let second = 0; second < TICKING_S; second++) {
        const tick = Math.ceil((Date.now() + 1) / 1000) * 1000;
        await sleep(tick - Date.now());
        await Promise.all(Array.from({ length: atOnce }, () => boss.send('raw', { tick })));
      }
      while (starts.length < TICKING_S * atOnce) await sleep(5);
      return starts.map(({ at, tick }) => at - tick);
    },
    stop: () => boss.stop({ graceful: false }),
  };
}

async function throughput(app: NestFastifyApplication): Promise<number> {
  const jobs = app.get(JobsService);
  const ids = (await jobs.list({ module: 'work' })).items.map(({ id }) => id);
  const started = performance.now();
  await inParallel(RUNS, (index) => jobs.run(ids[index % ids.length] ?? ''));
  while ((await unfinished(app)) > 0) await sleep(5);
  return RUNS / ((performance.now() - started) / 1000);
}

/** Milliseconds from asking to the start, while another module has more to do than there are places. */
async function waitsBesideFlood(app: NestFastifyApplication): Promise<number[]> {
  const jobs = app.get(JobsService);
  const [flood] = (await jobs.list({ module: 'flood' })).items;
  const [work] = (await jobs.list({ module: 'work' })).items;
  await inParallel(FLOOD, () => jobs.run(flood?.id ?? ''));
  const asked: string[] = [];
  for (let count = 0; count < 50; count++) {
    asked.push((await jobs.run(work?.id ?? '')).id);
    await sleep(50);
  }
  const waits: number[] = [];
  for (const id of asked) {
    const { startedAt, scheduledAt } = await jobs.getRun(id);
    if (startedAt === null) throw new Error('a run was kept waiting by the flood');
    waits.push(Date.parse(startedAt) - Date.parse(scheduledAt));
  }
  while ((await unfinished(app)) > 0) await sleep(100);
  return waits;
}

async function ticksToStarts(
  app: NestFastifyApplication,
  loader: ModuleLoaderService,
  name: string,
): Promise<number[]> {
  await loader.loadModule(name);
  await sleep(TICKING_S * 1000);
  await loader.unloadModule(name);
  const rows = await dataSource(app).query<{ ms: number }[]>(
    `SELECT extract(epoch FROM started_at - scheduled_at)::float * 1000 AS ms FROM nestdock.run
     WHERE module = $1 AND started_at IS NOT NULL`,
    [name],
  );
  return rows.map(({ ms }) => ms);
}

function latency(name: string, ms: readonly number[]): Record<string, number> {
  return { [`${name} p50 ms`]: round(percentile(ms, 0.5), 1), [`${name} p99 ms`]: round(percentile(ms, 0.99), 1) };
}

async function idleCost(): Promise<Record<string, number>> {
  await sleep(2_000);
  const [cpu, asked] = [process.cpuUsage(), queries()];
  await sleep(IDLE_S * 1000);
  const { user, system } = process.cpuUsage(cpu);
  return {
    'idle % of a core': round((user + system) / (IDLE_S * 10_000)),
    'idle queries/min': round(((queries() - asked) * 60) / IDLE_S, 0),
  };
}

async function unfinished(app: NestFastifyApplication): Promise<number> {
  const [row] = await dataSource(app).query<{ count: number }[]>(
    `SELECT count(*)::int AS count FROM nestdock.run WHERE status IN ('queued', 'running')`,
  );
  return row?.count ?? 0;
}

function dataSource(app: NestFastifyApplication): DataSource {
  return app.get<DataSource>(getDataSourceToken(HOST_DATA_SOURCE));
}

async function inParallel(count: number, act: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const one = async () => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: PARALLEL }, one));
}
