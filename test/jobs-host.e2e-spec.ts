import { afterEach, describe, expect, it } from '@jest/globals';
import { type JobView, type ListView, type RunView } from '../src/jobs/index.js';
import { eventually } from './support/eventually.js';
import { HostProcess } from './support/host-process.js';
import { TestHost } from './support/test-host.js';

describe('jobs on one host', () => {
  const started: { dispose(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const host of started.splice(0)) await host.dispose();
  });

  it('stay paused and overridden over a reload and a restart', async () => {
    const host = await TestHost.start({ modules: ['ticking'] });
    started.push(host);
    await host.admin('POST', '/modules/ticking/enable');
    const { body } = await host.admin<ListView<JobView>>('GET', '/jobs?module=ticking');
    const path = `/jobs/${body.items[0]?.id}`;
    const set = { paused: true, schedule: '30 2 * * *', timezone: 'Europe/Bucharest', config: { jitter: 5 } };
    await host.admin('PATCH', path, set);
    const { paused, ...overrides } = set;
    const kept = { ...overrides, paused, overrides, nextRunAt: null };
    for (const again of [
      () => host.admin('POST', '/modules/ticking/reload'),
      async () => {
        await host.stop();
        await host.open();
      },
    ]) {
      await again();
      expect((await host.admin('GET', path)).body).toMatchObject(kept);
      expect((await host.admin('GET', `${path}/next`)).body).toMatchObject({ items: [] });
    }
    await host.admin('PATCH', path, { paused: false });
    const { body: next } = await host.admin<ListView<string>>('GET', `${path}/next?count=1`);
    expect(next.items).toEqual([expect.stringMatching(/T0[01]:30:00.000Z|T23:30:00.000Z/)]);
    const taken = await host.admin('PATCH', path, { schedule: null, timezone: null, config: null });
    expect(taken.body).toMatchObject({ schedule: '* * * * * *', timezone: 'UTC', config: { jitter: 900 } });
    const refused = await host.admin('PATCH', path, { schedule: '61 * * * *' });
    expect(refused).toMatchObject({
      status: 400,
      body: { code: 'SCHEDULE_INVALID', problems: [{ pointer: '/schedule' }] },
    });
  });

  it('have a handler that ignores its signal stand alone, be seen as stuck, and end with its generation', async () => {
    const host = await TestHost.start({ modules: ['endless-job'], env: { DRAIN_TIMEOUT_MS: '300' } });
    started.push(host);
    await host.admin('POST', '/modules/endless-job/enable');
    const { body } = await host.admin<ListView<JobView>>('GET', '/jobs?module=endless-job');
    const path = `/jobs/${body.items[0]?.id}`;
    const stuck = async () => (await host.admin<JobView>('GET', path)).body.stuck;
    const total = async (status: string) =>
      (await host.admin<ListView<RunView>>('GET', `/runs?module=endless-job&status=${status}`)).body.total;
    let timedOut = 0;
    for (const operation of ['reload', 'disable']) {
      await host.admin('PATCH', path, { paused: false });
      await eventually(async () => expect(await stuck()).toBe(true));
      const skipped = await total('skipped');
      await eventually(async () => expect(await total('skipped')).toBeGreaterThan(skipped + 1));
      expect(await total('timed-out')).toBe(++timedOut);
      expect(await total('running')).toBe(0);
      await host.admin('PATCH', path, { paused: true });
      expect((await host.admin('POST', `/modules/endless-job/${operation}`)).status).toBe(200);
      await eventually(async () => expect(await stuck()).toBe(false));
    }
  }, 30_000);

  it('take a run up again after the host was killed, and count the lost attempt', async () => {
    const host = await HostProcess.start({ modules: ['slow'] });
    started.push(host);
    await host.admin('POST', '/modules/slow/enable');
    const { body } = await host.admin<ListView<JobView>>('GET', '/jobs?module=slow');
    const id = body.items.find(({ key }) => key === 'sleep')?.id;
    const { body: asked } = await host.admin<RunView>('POST', `/jobs/${id}/run`, { config: { ms: 500 } });
    const run = async () => (await host.admin<RunView>('GET', `/runs/${asked.id}`)).body;
    await eventually(async () => expect((await run()).status).toBe('running'));
    await host.kill();
    await host.restart();
    await eventually(async () => expect((await run()).attempts).toHaveLength(2), 15_000);
    await eventually(async () => expect((await run()).status).toBe('succeeded'));
    expect((await run()).attempts).toMatchObject([{ error: { code: 'RUN_LOST' } }, { number: 2, error: null }]);
  }, 60_000);
});
