import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ISOLATIONS } from './support/isolations.js';
import { eventually } from './support/eventually.js';
import { HostProcess } from './support/host-process.js';
import { writeModule } from './support/write-module.js';

const FILES = {
  'index.ts': `
    export default async (app) => {
      app.get('/ok', async () => ({ ok: true }));
      app.get('/crash', async () => { setTimeout(() => { throw new Error('late'); }, 1); return {}; });
      app.get('/never', () => new Promise(() => undefined));
      app.get('/error', async () => { throw new Error('as always'); });
    };`,
  'job.ts': 'export default async () => ({ done: true });',
};

const moduleOf = (name: string, keys: object) => ({
  name,
  entry: './index.ts',
  jobs: { work: { name: 'Work', description: 'Works', handler: './job.ts' } },
  limits: { requestTimeoutMs: 100 },
  ...keys,
});

interface Shown {
  readonly state: string;
  readonly status: string;
  readonly error: { readonly code: string; readonly detail: string } | null;
  readonly quarantine: {
    readonly since: string;
    readonly reason: { readonly code: string; readonly detail: string };
  } | null;
  readonly incidents: { readonly crashes: number; readonly timeouts: number; readonly errors: number };
}

describe.each(ISOLATIONS)('a module %s that does too much wrong', (_where, keys) => {
  let host: HostProcess;

  beforeAll(async () => {
    host = await HostProcess.start({ env: { QUARANTINE_TIMEOUTS: '4', QUARANTINE_ERROR_PERCENT: '50' } });
    for (const name of ['culprit', 'bystander']) await writeModule(host.modulesDir, moduleOf(name, keys), FILES);
    await host.admin('POST', '/modules/scan');
    for (const name of ['culprit', 'bystander'])
      expect((await host.admin('POST', `/modules/${name}/enable`)).status).toBe(200);
  });
  afterAll(() => host.dispose());

  const ask = (path: string) => fetch(`${host.url}/api/v1/m/${path}`);
  const shown = async () => (await host.admin<Shown>('GET', '/modules/culprit')).body;
  const isQuarantined = () => eventually(async () => expect((await shown()).state).toBe('quarantined'));
  const release = async () => {
    expect((await host.admin('POST', '/modules/culprit/enable')).status).toBe(200);
    expect((await ask('culprit/ok')).status).toBe(200);
  };

  it('goes on where it crashes less often than that', async () => {
    for (let i = 0; i < 4; i++) await ask('culprit/crash');
    await eventually(async () => expect((await shown()).incidents.crashes).toBe(4));
    expect(await shown()).toMatchObject({ state: 'active', quarantine: null });
    expect((await ask('culprit/ok')).status).toBe(200);
  });

  it('is taken out with the fifth crash within a minute, and says why; nobody else is', async () => {
    await ask('culprit/crash');
    await isQuarantined();
    const refused = await ask('culprit/ok');
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([503, true]);
    expect(await refused.json()).toMatchObject({ code: 'MODULE_UNAVAILABLE', state: 'quarantined' });
    expect(await shown()).toMatchObject({
      status: 'ENABLED',
      error: { code: 'MODULE_QUARANTINED' },
      quarantine: {
        reason: { code: 'MODULE_QUARANTINED', detail: expect.stringContaining('it crashed 5 times within 60 s') },
      },
    });
    expect((await ask('bystander/ok')).status).toBe(200);
  });

  it('is not reloaded, nor loaded by the next host', async () => {
    const reload = await host.admin('POST', '/modules/culprit/reload');
    expect([reload.status, reload.body['code']]).toEqual([409, 'MODULE_QUARANTINED']);
    await host.terminate();
    await host.restart();
    expect((await shown()).state).toBe('quarantined');
    expect((await ask('culprit/ok')).status).toBe(503);
    expect((await ask('bystander/ok')).status).toBe(200);
  });

  it('has its runs held until an operator lets it back', async () => {
    const { body: jobs } = await host.admin<{ items: { id: string }[] }>('GET', '/jobs?module=culprit');
    const { body: run } = await host.admin<{ id: string }>('POST', `/jobs/${jobs.items[0]?.id}/run`);
    const statusOf = async () => (await host.admin<{ status: string }>('GET', `/runs/${run.id}`)).body.status;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await statusOf()).toBe('queued');
    await release();
    await eventually(async () => expect(await statusOf()).toBe('succeeded'));
    expect(await shown()).toMatchObject({ state: 'active', error: null, quarantine: null, incidents: { crashes: 0 } });
  });

  it('is taken out for requests that it does not answer in time', async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => ask('culprit/never')));
    expect(answers.map(({ status }) => status)).toEqual([504, 504, 504, 504]);
    await isQuarantined();
    expect((await shown()).quarantine?.reason.detail).toContain('4 requests had no answer in time');
    await release();
  });

  it('is taken out for errors only where they are the most of its answers', async () => {
    for (let i = 0; i < 60; i++) await ask('culprit/ok');
    for (let i = 0; i < 20; i++) await ask('culprit/error');
    for (let i = 0; i < 25 && (await shown()).state === 'active'; i++) await ask('culprit/error');
    await isQuarantined();
    expect((await shown()).quarantine?.reason.detail).toMatch(/\d+ % of its answers were errors/);
    await release();
  });

  it('is forgotten what it did with other code', async () => {
    for (let i = 0; i < 4; i++) await ask('culprit/crash');
    await eventually(async () => expect((await shown()).incidents.crashes).toBe(4));
    expect((await host.admin('POST', '/modules/culprit/reload')).status).toBe(200);
    expect((await shown()).incidents.crashes).toBe(0);
  });

  it('is let go by disabling it', async () => {
    for (let i = 0; i < 5; i++) await ask('culprit/crash');
    await isQuarantined();
    expect((await host.admin('POST', '/modules/culprit/disable')).status).toBe(200);
    expect(await shown()).toMatchObject({ status: 'DISABLED', state: 'idle', quarantine: null });
    await release();
  });
});

describe('a module that ends the host at load', () => {
  let host: HostProcess;
  const DEADLY = `process._kill(process.pid, 9);`;
  const plugin = (body: string) => ({
    'index.ts': `${body} export default async (app) => { app.get('/', async () => ({ ok: true })); };`,
  });

  beforeAll(async () => {
    host = await HostProcess.start();
    for (const name of ['first', 'second', 'third', 'culprit'])
      await writeModule(host.modulesDir, { name, entry: './index.ts' }, plugin(''));
    await host.admin('POST', '/modules/scan');
    for (const name of ['first', 'second', 'third', 'culprit']) await host.admin('POST', `/modules/${name}/enable`);
  });
  afterAll(() => host.dispose());

  const served = async () =>
    Promise.all(
      ['first', 'second', 'third', 'culprit'].map(async (name) => (await fetch(`${host.url}/api/v1/m/${name}`)).status),
    );

  it('is left out by the third start, which says why, while all others serve', async () => {
    expect(await served()).toEqual([200, 200, 200, 200]);
    await host.terminate();
    await writeModule(host.modulesDir, { name: 'culprit', version: '2.0.0', entry: './index.ts' }, plugin(DEADLY));
    for (let deaths = 0; deaths < 2; deaths++) await expect(host.restart()).rejects.toThrow();
    await host.restart();
    expect(await served()).toEqual([200, 200, 200, 503]);
    const { body } = await host.admin<Shown>('GET', '/modules/culprit');
    expect(body).toMatchObject({ state: 'quarantined', status: 'ENABLED', error: { code: 'MODULE_KILLED_HOST' } });
    expect(body.quarantine?.reason.detail).toBe('the host ended 2 times while it loaded culprit');
    expect(host.output).toContain('the host ended 2 times while it loaded culprit');
  });

  it('serves again once it is corrected and enabled', async () => {
    await writeModule(host.modulesDir, { name: 'culprit', version: '2.0.1', entry: './index.ts' }, plugin(''));
    expect((await host.admin('POST', '/modules/culprit/enable')).status).toBe(200);
    expect(await served()).toEqual([200, 200, 200, 200]);
  });

  it('is not blamed for one death, nor is anybody for a host that was told to stop', async () => {
    await host.terminate();
    await host.restart();
    expect(await readdir(join(host.dataDir, 'loading'))).toEqual([]);
    await host.kill();
    await host.restart();
    expect(await served()).toEqual([200, 200, 200, 200]);
  });
});
