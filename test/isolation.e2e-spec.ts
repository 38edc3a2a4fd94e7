import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DatabaseForHost, describeOnBothDatabases } from './support/both-databases.js';
import { eventually } from './support/eventually.js';
import { HostProcess } from './support/host-process.js';
import { writeModule } from './support/write-module.js';

const PROCESS = { isolation: 'process' } as const;

/** Answers who runs it, and ends or hangs where it is told to: `process._kill` is what the net under modules does not know. */
const SUBJECT = {
  'index.ts': `
    import { setTimeout as sleep } from 'node:timers/promises';
    export default async (app, { context }) => {
      app.get('/pid', () => ({ pid: process.pid, uid: process.getuid() }));
      app.get('/version', () => ({ version: context.module.version }));
      app.get('/slow', async (request) => { await sleep(Number(request.query.ms)); return { slept: true }; });
      app.get('/kill', () => process._kill(process.pid, 9));
      app.get('/loop', () => { for (;;); });
      app.get('/grow', () => { const kept = []; for (;;) kept.push(new Array(1e6).fill(kept.length)); });
      app.get('/buffers', async () => { const kept = []; for (;;) { kept.push(Buffer.alloc(16e6, 1)); await sleep(1); } });
      app.get('/say', () => { console.log('plain words'); context.logger.warn('marked words', { n: 1 }); return {}; });
      app.get('/greeting', () => ({ greeting: context.settings.greeting }));
      app.get('/url', () => ({ url: context.hostUrl }));
    };`,
  'job.ts': `
    export async function count({ job, logger, progress, signal, idempotencyKey }) {
      logger.info('counting', { to: job.config.to });
      progress(50, 'half');
      return { to: job.config.to, attempt: job.attempt, key: idempotencyKey.length > 0, pid: process.pid };
    }
    export const wait = ({ signal }) => new Promise((resolve, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason)));
    export const fail = () => { throw Object.assign(new TypeError('no such meter'), { code: 'E_METER' }); };
    export const die = () => process._kill(process.pid, 9);
    export const loop = () => { for (;;); };`,
};

const MANIFEST = {
  name: 'subject',
  ...PROCESS,
  entry: './index.ts',
  settings: { greeting: { type: 'string', label: 'Greeting', default: 'hello' } },
  limits: { memoryMb: 256 },
  jobs: Object.fromEntries(
    ['count', 'wait', 'fail', 'die', 'loop'].map((key) => [
      key,
      {
        name: key,
        description: key,
        handler: `./job.ts#${key}`,
        retries: 0,
        config: { to: { type: 'number', label: 'To', default: 3 } },
      },
    ]),
  ),
};

interface Run {
  readonly id: string;
  readonly status: string;
  readonly result: Record<string, unknown> | null;
  readonly progress: { percent: number; message: string } | null;
  readonly log: readonly { level: string; message: string; fields?: Record<string, unknown> }[];
  readonly attempts: readonly { error: { code?: string; message: string; stack?: string } | null }[];
}

describeOnBothDatabases('a module in a process of its own', (make) => {
  let database: DatabaseForHost;
  let host: HostProcess;

  beforeAll(async () => {
    database = await make();
    const secrets = { ADMIN_TOKEN: 'a-token-for-tests-only', SECRET_KEY: 'a-key-for-tests-only-0123456789abcdef' };
    host = await HostProcess.start({ env: { ...database.env, ...secrets, QUARANTINE_CRASHES: '0' } });
    await writeModule(host.modulesDir, MANIFEST, SUBJECT);
    await host.admin('POST', '/modules/scan');
    const { status, body } = await host.admin('POST', '/modules/subject/enable');
    expect([status, body.state, body.error]).toEqual([200, 'active', null]);
  });
  afterAll(async () => {
    await host.dispose();
    await database.remove();
  });

  const ask = async <T = Record<string, unknown>>(path: string): Promise<{ status: number; body: T }> => {
    const response = await fetch(`${host.url}/api/v1/m/subject${path}`);
    return { status: response.status, body: (await response.json()) as T };
  };
  const pid = async () => (await ask<{ pid: number }>('/pid')).body.pid;
  const serving = () => eventually(async () => expect((await ask('/version')).status).toBe(200));

  const run = async (
    key: string,
    until = (status: string) => !['queued', 'running'].includes(status),
  ): Promise<Run> => {
    const { body } = await host.admin<{ items: { id: string; key: string }[] }>('GET', '/jobs?module=subject');
    const job = body.items.find((each) => each.key === key);
    const { body: begun } = await host.admin<Run>('POST', `/jobs/${job?.id}/run`);
    for (;;) {
      const { body: now } = await host.admin<Run>('GET', `/runs/${begun.id}`);
      if (until(now.status)) return now;
      await sleep(50);
    }
  };

  it('runs in another process than the host, as a user of its own where the host may change users', async () => {
    const { body } = await ask<{ pid: number; uid: number }>('/pid');
    expect(body.pid).not.toBe(host.pid);
    if (process.getuid?.() === 0) expect(body.uid).not.toBe(0);
  });

  it('knows where the host answers, and its own version', async () => {
    expect((await ask('/url')).body).toEqual({ url: host.url });
    expect((await ask('/version')).body).toEqual({ version: '1.0.0' });
  });

  it('is told of new settings while it runs', async () => {
    expect((await ask('/greeting')).body).toEqual({ greeting: 'hello' });
    const before = await pid();
    expect((await host.admin('PUT', '/modules/subject/settings', { greeting: 'good day' })).status).toBe(200);
    expect((await ask('/greeting')).body).toEqual({ greeting: 'good day' });
    expect(await pid()).toBe(before);
  });

  it("writes to the host's log what it logs, and what it prints", async () => {
    await ask('/say');
    await eventually(async () => {
      const lines = host.output.split('\n').filter((line) => line.includes(' words'));
      expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
        expect.objectContaining({ level: 30, module: 'subject', msg: 'plain words' }),
        expect.objectContaining({ level: 40, module: 'subject', msg: 'marked words', n: 1 }),
      ]);
    });
  });

  it('has its routes in the API document', async () => {
    const document = (await (await fetch(`${host.url}/docs-json`)).json()) as { paths: object };
    expect(document.paths).toHaveProperty(['/api/v1/m/subject/version', 'get']);
  });

  it('runs jobs: with config, progress, log and result', async () => {
    const done = await run('count');
    expect(done).toMatchObject({
      status: 'succeeded',
      result: { to: 3, attempt: 1, key: true, pid: await pid() },
      progress: { percent: 50, message: 'half' },
      log: [{ level: 'info', message: 'counting', fields: { to: 3 } }],
    });
  });

  it('fails jobs with the error as it was, in the lines of the author', async () => {
    const { status, attempts } = await run('fail');
    expect([status, attempts[0]?.error]).toMatchObject(['dead', { code: 'E_METER', message: 'no such meter' }]);
    expect(attempts[0]?.error?.stack).toContain('job.ts:9:');
  });

  it('is told that a run is cancelled', async () => {
    const running = await run('wait', (status) => status === 'running');
    await host.admin('POST', `/runs/${running.id}/cancel`);
    await eventually(async () => {
      const { body } = await host.admin<Run>('GET', `/runs/${running.id}`);
      expect([body.status, body.attempts[0]?.error]).toMatchObject(['cancelled', { code: 'RUN_CANCELLED' }]);
    });
  });

  it('is swapped by a reload in mid-request: the old process answers what it has begun, and ends', async () => {
    const before = await pid();
    const slow = ask('/slow?ms=600');
    await sleep(100);
    await writeModule(host.modulesDir, { ...MANIFEST, version: '1.1.0' }, SUBJECT);
    expect((await host.admin('POST', '/modules/subject/reload')).status).toBe(200);
    expect((await ask('/version')).body).toEqual({ version: '1.1.0' });
    expect((await slow).body).toEqual({ slept: true });
    await eventually(async () => expect(() => process.kill(before, 0)).toThrow());
    expect((await ask('/greeting')).body).toEqual({ greeting: 'good day' });
  });

  it('goes on where the next version does not load', async () => {
    await writeModule(
      host.modulesDir,
      { ...MANIFEST, version: '2.0.0' },
      { ...SUBJECT, 'index.ts': `throw new Error('not today');` },
    );
    const { status, body } = await host.admin('POST', '/modules/subject/reload');
    expect([status, body]).toMatchObject([422, { code: 'MODULE_EVALUATION_FAILED', serving: { version: '1.1.0' } }]);
    const { body: module } = await host.admin<{ error: { stack: string } }>('GET', '/modules/subject');
    expect(module.error.stack).toContain('index.ts:1:');
    expect((await ask('/version')).body).toEqual({ version: '1.1.0' });
    await writeModule(host.modulesDir, { ...MANIFEST, version: '1.1.0' }, SUBJECT);
  });

  it.each([
    ['it is killed', '/kill'],
    ['it loops for ever', '/loop'],
    ['its heap grows', '/grow'],
    ['it takes memory beside its heap', '/buffers'],
  ])('answers 502 to all that is under way where %s, and serves again', async (_title, path) => {
    const before = await pid();
    const others = Array.from({ length: 10 }, () => ask('/slow?ms=60000'));
    await sleep(100);
    const fatal = ask(path);
    for (const { status, body } of await Promise.all([fatal, ...others])) {
      expect([status, body]).toMatchObject([502, { code: 'MODULE_CRASHED' }]);
    }
    await serving();
    expect(await pid()).not.toBe(before);
  });

  it('fails a run whose process ends, and goes on with the next', async () => {
    const { status, attempts } = await run('die');
    expect([status, attempts[0]?.error]).toMatchObject(['dead', { code: 'MODULE_CRASHED' }]);
    await serving();
    expect((await run('count')).status).toBe('succeeded');
  });

  it('is gone when it is disabled, with its process and its folders', async () => {
    const before = await pid();
    expect((await host.admin('POST', '/modules/subject/disable')).status).toBe(200);
    expect(() => process.kill(before, 0)).toThrow();
    expect((await ask('/version')).status).toBe(404);
  });

  it('does not outlive the host, however the host ends and however stuck it is', async () => {
    expect((await host.admin('POST', '/modules/subject/enable')).status).toBe(200);
    const child = await pid();
    const { folder } = await homeOf(child);
    void ask('/loop').catch(() => undefined);
    await sleep(200);
    await host.kill();
    await eventually(async () => expect(() => process.kill(child, 0)).toThrow());
    await eventually(async () => expect(await readdir(tmpdir())).not.toContain(folder));
    await host.restart();
    await serving();
  });
});

/** Name of the folder that a process of a module was given. */
async function homeOf(pid: number): Promise<{ folder: string }> {
  const environment = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0');
  const home = environment.find((each) => each.startsWith('HOME=')) ?? '';
  return { folder: home.slice(`HOME=${tmpdir()}/`.length) };
}

describe('what is of no use in another process', () => {
  let host: HostProcess;

  beforeAll(async () => {
    host = await HostProcess.start();
  });
  afterAll(() => host.dispose());

  it('says that what modules export does not cross processes, whichever of the two is isolated', async () => {
    const exporting = `
      import { Injectable, Module } from '@nestjs/common';
      @Injectable() export class Meter { read() { return 1; } }
      @Module({ providers: [Meter], exports: [Meter] }) export default class Entry {}`;
    const using = `
      import { Injectable, Module } from '@nestjs/common';
      import { InjectExport } from 'nestdock';
      @Injectable() class Reader { constructor(@InjectExport('meter', 'Meter') meter) {} }
      @Module({ providers: [Reader] }) export default class Entry {}`;
    for (const [meter, reader] of [
      ['process', 'inline'],
      ['inline', 'process'],
    ]) {
      await writeModule(
        host.modulesDir,
        { name: 'meter', isolation: meter, entry: './index.ts' },
        { 'index.ts': exporting },
      );
      const keys = { name: 'reader', isolation: reader, entry: './index.ts', dependencies: { meter: '^1.0.0' } };
      await writeModule(host.modulesDir, keys, { 'index.ts': using });
      await host.admin('POST', '/modules/scan');
      const { status, body } = await host.admin('POST', '/modules/reader/enable');
      expect([status, body['code']]).toEqual([422, 'EXPORTS_ACROSS_PROCESSES']);
      expect((await host.admin('POST', '/modules/meter/disable')).status).toBe(200);
    }
  });

  it('says where a process cannot load the module at all', async () => {
    await writeModule(
      host.modulesDir,
      { name: 'stillborn', ...PROCESS, entry: './index.ts' },
      { 'index.ts': `process._kill(process.pid, 9);` },
    );
    await host.admin('POST', '/modules/scan');
    const { status, body } = await host.admin('POST', '/modules/stillborn/enable');
    expect([status, body['code']]).toEqual([502, 'MODULE_CRASHED']);
  });
});
