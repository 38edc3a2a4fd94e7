/**
 * Hosts on one PostgreSQL: how long three real ones take to agree on a change, and what 10, 50 and more simulated ones say
 * and ask on 1,000 modules, with real reconcilers on one database.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { ClusterState } from '../src/cluster/cluster-state.js';
import { readConfig } from '../src/config/index.js';
import { type HostDatabase, hostDataSourceOptions, openHostDatabase } from '../src/persistence/index.js';
import { SimulatedHost } from './cluster/simulated-host.js';
import { ThreeHosts } from './cluster/three-hosts.js';
import { percentile, round } from './support/figures.js';
import { BENCH_DATABASE_URL, countQueries, withDatabase } from './support/jobs-database.js';

const CHANGES = 200;
const MODULES = 1_000;
const SINGLE_CHANGES = 30;
const REST_S = 10;
const SIMULATED_HOSTS = [10, 50];

const queries = countQueries();

if (BENCH_DATABASE_URL === undefined) console.info('TEST_DATABASE_URL is not set: several hosts need PostgreSQL');
else {
  const server = BENCH_DATABASE_URL;
  await withDatabase(server, threeHosts);
  const simulated: Record<string, Record<string, number>> = {};
  for (const hosts of SIMULATED_HOSTS) {
    await withDatabase(server, async (url) => void (simulated[`${hosts} hosts`] = await simulate(url, hosts)));
  }
  console.table(simulated);
}

async function threeHosts(url: string): Promise<void> {
  const three = await ThreeHosts.start(url);
  try {
    await three.write(0);
    await three.call(0, 'POST', '/scan');
    await three.call(0, 'POST', '/changing/enable?wait=cluster');
    const reload = async (turn: number) => {
      await three.write(turn + 1);
      return three.call(turn, 'POST', '/changing/reload?wait=cluster');
    };
    const set = (turn: number) => three.call(turn, 'PUT', '/changing/settings?wait=cluster', { level: turn + 1 });
    const toggle = (turn: number) =>
      three.call(turn, 'POST', `/changing/${turn % 2 === 0 ? 'disable' : 'enable'}?wait=cluster`);
    const figures: Record<string, Record<string, number>> = {};
    for (const [what, change] of Object.entries({ reload, settings: set, 'disable, enable': toggle })) {
      const times: number[] = [];
      for (let turn = 0; turn < CHANGES; turn++) times.push(await change(turn));
      figures[what] = spread(times);
    }
    console.table(figures);
  } finally {
    await three.dispose();
  }
}

async function simulate(databaseUrl: string, count: number): Promise<Record<string, number>> {
  const database = await openHostDatabase({ databaseUrl, dataDir: '' });
  const dataSource = await new DataSource(hostDataSourceOptions(database.pool)).initialize();
  const hosts = Array.from({ length: count }, () => new SimulatedHost(database, dataSource));
  const state = new ClusterState(database, (hosts[0] as SimulatedHost).notices, readConfig({}));
  try {
    await dataSource.query(
      `INSERT INTO nestdock.module (name, path, status, version)
       SELECT 'module-' || n, '/modules/module-' || n, 'ENABLED', '1.0.0' FROM generate_series(1, $1) AS n`,
      [MODULES],
    );
    for (const host of hosts) await host.join();
    await sleep(1_000);
    const heard = () => hosts.reduce((sum, host) => sum + host.heard, 0);

    const times: number[] = [];
    const before = { queries: queries(), heard: heard() };
    for (let i = 0; i < SINGLE_CHANGES; i++) {
      const begin = performance.now();
      await touch(database, [`module-${i + 1}`]);
      await state.converged(`module-${i + 1}`, 2);
      times.push(performance.now() - begin);
    }
    const one = { queries: queries() - before.queries, heard: heard() - before.heard };

    await sleep(1_000);
    const atRest = queries();
    await sleep(REST_S * 1_000);
    const restQueries = queries() - atRest;

    const all = Array.from({ length: MODULES }, (_none, index) => `module-${index + 1}`);
    const beforeAll = { queries: queries(), heard: heard(), at: performance.now() };
    await touch(database, all);
    while ((await state.hosts()).some(({ lag }) => lag > 0)) await sleep(100);
    const allMs = performance.now() - beforeAll.at;
    return {
      'one: p50 ms': round(percentile(times, 0.5), 0),
      'one: p99 ms': round(percentile(times, 0.99), 0),
      'one: queries': round(one.queries / SINGLE_CHANGES, 0),
      'one: notices heard': round(one.heard / SINGLE_CHANGES, 0),
      'all: s': round(allMs / 1_000, 1),
      'all: queries': queries() - beforeAll.queries,
      'all: notices heard': heard() - beforeAll.heard,
      'at rest: queries/s': round(restQueries / REST_S, 1),
    };
  } finally {
    await Promise.all(hosts.map((host) => host.leave()));
    await dataSource.destroy();
    await database.close();
  }
}

/** As an operator's change does. */
async function touch({ pool }: HostDatabase, names: readonly string[]): Promise<void> {
  await pool.query('UPDATE nestdock.module SET revision = revision + 1 WHERE name = ANY($1)', [names]);
  await pool.query(`SELECT pg_notify('nestdock_cluster', 'module:' || n) FROM unnest($1::text[]) AS n`, [names]);
}

function spread(times: readonly number[]): Record<string, number> {
  return {
    'p50 ms': round(percentile(times, 0.5), 0),
    'p90 ms': round(percentile(times, 0.9), 0),
    'p99 ms': round(percentile(times, 0.99), 0),
    'most ms': round(Math.max(...times), 0),
  };
}
