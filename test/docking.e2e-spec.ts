import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SchedulerRegistry } from '@nestjs/schedule';
import { describeOnPostgres, makePostgresDatabase, type TestPlace } from './support/database.js';
import { TestHost } from './support/test-host.js';

interface ModuleAnswer {
  readonly status: string;
  readonly state: string;
  readonly error: { code: string; detail: string } | null;
  readonly routes: readonly unknown[];
}
interface JobAnswer {
  readonly id: string;
  readonly module: string;
  readonly key: string;
  readonly enabled: boolean;
  readonly paused: boolean;
}
interface List<T> {
  readonly items: readonly T[];
  readonly total: number;
}
const READINGS = '/api/v1/m/consumption-monitor/readings';

const nowhere: Pick<TestPlace, 'env' | 'remove'> = { env: {}, remove: () => Promise.resolve() };

describe('on the embedded database', () => docksAndUndocks(() => Promise.resolve(nowhere)));
describeOnPostgres('on PostgreSQL', () => docksAndUndocks(makePostgresDatabase));

function docksAndUndocks(makeDatabase: () => Promise<Pick<TestPlace, 'env' | 'remove'>>): void {
  let host: TestHost;
  let database: Pick<TestPlace, 'env' | 'remove'>;

  beforeAll(async () => {
    database = await makeDatabase();
    const { DATABASE_URL } = database.env;
    host = await TestHost.start({
      modules: ['hello', 'demo-meter', 'consumption-monitor'],
      env: { ...(DATABASE_URL !== undefined && { DATABASE_URL }) },
    });
  });
  afterAll(async () => {
    await host.dispose();
    await database.remove();
  });

  const jobs = async () => (await host.admin<List<JobAnswer>>('GET', '/jobs?module=consumption-monitor')).body.items;
  const cronJobs = () =>
    [...host.app.get(SchedulerRegistry, { strict: false }).getCronJobs().keys()].filter((name) =>
      name.startsWith('consumption-monitor'),
    );
  const documentedPaths = async () =>
    Object.keys((await host.request<{ paths: object }>('GET', '/docs-json')).body.paths).filter((path) =>
      path.startsWith('/api/v1/m/consumption-monitor'),
    );

  it('finds the folders and registers them', async () => {
    const { body } = await host.admin<List<ModuleAnswer & { name: string }>>('GET', '/modules');
    expect(body.items.map(({ name, status, state }) => [name, status, state])).toEqual([
      ['consumption-monitor', 'REGISTERED', 'idle'],
      ['demo-meter', 'REGISTERED', 'idle'],
      ['hello', 'REGISTERED', 'idle'],
    ]);
    expect((await host.request('GET', READINGS)).status).toBe(404);
  });

  it('serves the routes of an enabled module, and shows them', async () => {
    for (const name of ['demo-meter', 'consumption-monitor']) {
      const { status, body } = await host.admin<ModuleAnswer>('POST', `/modules/${name}/enable`);
      expect([status, body.status, body.state, body.error]).toEqual([200, 'ENABLED', 'active', null]);
      expect(body.routes.length).toBeGreaterThan(0);
    }
    expect((await host.request('GET', READINGS)).status).toBe(200);
    expect(await documentedPaths()).toContain(READINGS);
    expect(cronJobs().length).toBeGreaterThan(0);
  });

  it('leaves nothing of a disabled module but its rows', async () => {
    const { body } = await host.admin<ModuleAnswer>('POST', '/modules/consumption-monitor/disable');
    expect([body.status, body.state, body.routes]).toEqual(['DISABLED', 'idle', []]);
    const { status, body: problem } = await host.request('GET', READINGS);
    expect([status, problem.code]).toEqual([404, 'MODULE_NOT_LOADED']);
    expect(await documentedPaths()).toEqual([]);
    expect(cronJobs()).toEqual([]);
    const rows = await jobs();
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every(({ enabled }) => !enabled)).toBe(true);
  });

  it('finds each module as it was left after a restart', async () => {
    await host.stop();
    await host.open();
    const states = await Promise.all(
      ['hello', 'demo-meter', 'consumption-monitor'].map(async (name) => {
        const { body } = await host.admin<ModuleAnswer>('GET', `/modules/${name}`);
        return [name, body.status, body.state];
      }),
    );
    expect(states).toEqual([
      ['hello', 'REGISTERED', 'idle'],
      ['demo-meter', 'ENABLED', 'active'],
      ['consumption-monitor', 'DISABLED', 'idle'],
    ]);
    expect((await host.request('GET', READINGS)).status).toBe(404);
    expect((await host.request('GET', '/api/v1/m/demo-meter/reading')).status).toBe(200);
  });

  it('keeps a paused job paused over a reload and a restart', async () => {
    await host.admin('POST', '/modules/consumption-monitor/enable');
    const [job] = await jobs();
    await host.admin('PATCH', `/jobs/${job?.id}`, { paused: true });
    await host.admin('POST', '/modules/consumption-monitor/reload');
    const paused = async () => (await host.admin<JobAnswer>('GET', `/jobs/${job?.id}`)).body.paused;
    expect(await paused()).toBe(true);
    await host.stop();
    await host.open();
    expect(await paused()).toBe(true);
  });
}
