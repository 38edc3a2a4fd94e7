import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { HostProcess } from './support/host-process.js';
import { writeModule } from './support/write-module.js';

const FILES = {
  'index.ts': `
    function spin(ms: number): number {
      let turns = 0;
      for (const end = performance.now() + ms; performance.now() < end; ) turns++;
      return turns;
    }
    export default async (app) => {
      app.get('/ok', async () => ({ ok: true }));
      app.get('/spin', async (request) => ({ turns: spin(Number(request.query.ms)) }));
      app.get('/timer', async () => { setTimeout(() => spin(1500), 1); return {}; });
      app.get('/loop', async () => { for (;;); });
    };`,
};

interface Stats {
  readonly eventLoop: {
    readonly delayMs: { readonly max: number };
    readonly utilization: number;
    readonly isStarved: boolean;
  };
  readonly memory: { readonly rssBytes: number };
  readonly blocked: Readonly<Record<string, { times: number; longestMs: number; at: string }>>;
}

describe('the event loop of the host', () => {
  let host: HostProcess;

  beforeAll(async () => {
    host = await HostProcess.start({ env: { BLOCKED_LOOP_MS: '700' } });
    await writeModule(host.modulesDir, { name: 'blocker', entry: './index.ts' }, FILES);
    await host.admin('POST', '/modules/scan');
    expect((await host.admin('POST', '/modules/blocker/enable')).status).toBe(200);
  });
  afterAll(() => host.dispose());

  const ask = (path: string) => fetch(`${host.url}/api/v1/m/blocker${path}`);
  const stats = async () => (await host.admin<Stats>('GET', '/modules/stats')).body;

  it('is measured', async () => {
    await eventually(async () => expect((await stats()).eventLoop.utilization).toBeGreaterThan(0));
    expect((await stats()).memory.rssBytes).toBeGreaterThan(1e6);
  });

  it.each([
    ['a handler', '/spin?ms=1500'],
    ['a timer', '/timer'],
  ])('is not blocked by %s of a module without that being named, by the line of its author', async (_what, path) => {
    const before = (await stats()).blocked['blocker']?.times ?? 0;
    expect((await ask(path)).status).toBe(200);
    await eventually(async () => {
      const { blocked } = await stats();
      expect(blocked['blocker']).toMatchObject({
        times: before + 1,
        at: expect.stringMatching(/blocker\/index\.ts:4:\d+$/),
      });
    });
    const { blocked } = await stats();
    expect(blocked['blocker']?.longestMs).toBeGreaterThan(700);
    expect(host.output).toContain("blocker blocked the host's event loop for");
  });

  it('has the host say that it is not ready while it is starved, and that it is once it is not', async () => {
    const ready = async () => (await fetch(`${host.url}/health/ready`)).status;
    let starving = true;
    const load = (async () => {
      while (starving) await ask('/spin?ms=600');
    })();
    await eventually(async () => expect(await ready()).toBe(503), 20_000);
    expect((await fetch(`${host.url}/health/live`)).status).toBe(200);
    starving = false;
    await load;
    await eventually(async () => expect(await ready()).toBe(200), 20_000);
  });

  it('is said to be blocked, and by whom, even where it never goes on', async () => {
    void ask('/loop').catch(() => undefined);
    await eventually(() => {
      const line = host.output
        .split('\n')
        .find((each) => each.includes('The event loop is blocked') && each.includes('"module":"blocker"'));
      expect(line).toContain('nestdock:blocker@1/bundle.cjs');
    });
    await host.kill();
    await host.restart();
    expect((await ask('/ok')).status).toBe(200);
  });
});
