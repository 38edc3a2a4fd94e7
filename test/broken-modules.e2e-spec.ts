import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SchedulerRegistry } from '@nestjs/schedule';
import { TestHost } from './support/test-host.js';

interface ModuleAnswer {
  readonly status: string;
  readonly state: string;
  readonly routes: readonly unknown[];
  readonly error: {
    code: string;
    detail: string;
    problems?: readonly { code: string; file?: string; line?: number }[];
  };
}

/** What each broken module is refused with. */
const BROKEN = {
  'broken-syntax': 'BUNDLE_FAILED',
  'broken-hook': 'HOOK_FAILED',
  'broken-path': 'MANIFEST_INVALID',
  'broken-manifest': 'MANIFEST_INVALID',
  'broken-hang': 'LOAD_TIMEOUT',
  'broken-evaluation': 'MODULE_EVALUATION_FAILED',
  'broken-loop': 'LOAD_TIMEOUT',
} as const;

describe('modules that cannot be loaded', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await TestHost.start({
      modules: ['hello', ...Object.keys(BROKEN)],
      env: { LOAD_TIMEOUT_MS: '1000' },
    });
    await host.admin('POST', '/modules/hello/enable');
  });
  afterAll(() => host.dispose());

  it.each(Object.entries(BROKEN))('%s is refused with %s, and nothing of it stays', async (name, code) => {
    const before = (await host.admin('GET', '/modules/stats')).body;
    const { status, body: problem } = await host.admin<{ code: string; detail: string }>(
      'POST',
      `/modules/${name}/enable`,
    );
    expect([status, problem.code]).toEqual([422, code]);

    const { body: module } = await host.admin<ModuleAnswer>('GET', `/modules/${name}`);
    expect([module.status, module.state, module.routes]).toEqual(['REGISTERED', 'idle', []]);
    expect(module.error.code).toBe(code);
    expect((await host.request('GET', `/api/v1/m/${name}/`)).status).toBe(404);
    expect((await host.admin<{ total: number }>('GET', `/jobs?module=${name}`)).body.total).toBe(0);
    const timers = [...host.app.get(SchedulerRegistry, { strict: false }).getCronJobs().keys()];
    expect(timers.filter((timer) => timer.startsWith(name))).toEqual([]);
    expect((await host.admin('GET', '/modules/stats')).body).toEqual({
      ...before,
      states: expect.anything() as unknown,
      // Of the moment.
      memory: expect.anything() as unknown,
      eventLoop: expect.anything() as unknown,
    });
    expect((await host.request('GET', '/api/v1/m/hello/greet/you')).status).toBe(200);
  });

  it('names the line of a mistake', async () => {
    const { body } = await host.admin<ModuleAnswer>('GET', '/modules/broken-syntax');
    expect(body.error.problems?.[0]).toMatchObject({
      file: expect.stringContaining('.ts') as unknown,
      line: expect.any(Number) as unknown,
    });
  });

  it('goes on past them at the next start', async () => {
    await host.stop();
    await host.open();
    expect((await host.request('GET', '/api/v1/m/hello/greet/you')).status).toBe(200);
    expect((await host.request('GET', '/health/ready')).status).toBe(200);
  });
});
