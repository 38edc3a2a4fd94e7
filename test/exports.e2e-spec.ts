import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeOnBothDatabases, type DatabaseForHost } from './support/both-databases.js';
import { eventually } from './support/eventually.js';
import { TestHost } from './support/test-host.js';
import { writeModule } from './support/written-modules.js';

interface ModuleAnswer {
  readonly state: string;
  readonly status: string;
  readonly version: string;
  readonly code?: string;
  readonly detail?: string;
  readonly dependents?: readonly string[];
  readonly problems?: readonly { code: string; hint?: string; pointer?: string }[];
}

/** The provider: a service that answers with the version of its code, now and after a while. */
const provider = (version: number, exported = 'MeterService') => `
  import { setTimeout as sleep } from 'node:timers/promises';
  import { Injectable, Module } from '@nestjs/common';
  @Injectable()
  export class MeterService {
    readonly unit = 'kWh';
    private torn = false;
    version() { return ${version}; }
    async read(ms) {
      await sleep(ms);
      if (this.torn) throw new Error('the service was taken apart under a call');
      return { version: ${version} };
    }
    async *stream(count) {
      for (let i = 0; i < count; i++) {
        await sleep(20);
        if (this.torn) throw new Error('the service was taken apart under a stream');
        yield ${version};
      }
    }
    onModuleDestroy() { this.torn = true; }
  }
  @Injectable()
  export class OtherService {}
  @Module({ providers: [MeterService, OtherService], exports: [${exported}] })
  export default class DemoModule {}`;

const consumer = (token = `'MeterService'`) => `
  import { Controller, Get, Module, Query } from '@nestjs/common';
  import { InjectExport } from 'nestdock';
  import type { MeterService } from '../demo/index.js';
  @Controller()
  class ReadController {
    constructor(@InjectExport('demo', ${token}) private readonly meters: MeterService) {}
    @Get('read') read(@Query('ms') ms?: string) { return this.meters.read(Number(ms ?? 1)); }
    @Get('version') version() { return { version: this.meters.version(), unit: this.meters.unit }; }
    @Get('stream') async stream() {
      const versions = [];
      for await (const version of this.meters.stream(10)) versions.push(version);
      return { versions };
    }
  }
  @Module({ controllers: [ReadController] })
  export default class ReaderModule {}`;

/** Reaches the export from a manifest route. */
const HANDLER = `
  import { moduleExport, type RouteHandler } from 'nestdock';
  import type { MeterService } from '../demo/index.js';
  export const read: RouteHandler = (_request, _reply, context) =>
    context.get(moduleExport<MeterService>('demo', 'MeterService')).read(1);`;

/** Reaches the export from a Fastify plugin. */
const PLUGIN = `
  import { moduleExport } from 'nestdock';
  export default async (app, { context }) => {
    const meters = context.get(moduleExport('demo', 'MeterService'));
    app.get('/read', () => meters.read(1));
  };`;

describeOnBothDatabases('what modules export to each other', (makeDatabase) => {
  let host: TestHost;
  let database: DatabaseForHost;

  beforeAll(async () => {
    database = await makeDatabase();
    host = await TestHost.start({ env: database.env });
    await writeDemo(1);
    await write('reader', consumer());
    await writeModule(host.modulesDir, {
      name: 'handler',
      dependencies: { demo: '*' },
      manifest: { routes: [{ method: 'GET', path: '/read', handler: './read.ts#read' }] },
      files: { 'read.ts': HANDLER },
    });
    await write('plugin', PLUGIN);
    await host.admin('POST', '/modules/scan');
    for (const name of ['reader', 'handler', 'plugin']) {
      expect((await act('enable', name)).state).toBe('active');
    }
  });
  afterAll(async () => {
    await host.dispose();
    await database.remove();
  });

  const writeDemo = (version: number, manifest = {}, exported?: string) =>
    writeModule(host.modulesDir, {
      name: 'demo',
      version: `1.${version}.0`,
      manifest,
      files: { 'index.ts': provider(version, exported) },
    });
  const write = (name: string, code: string, dependencies: Record<string, string> = { demo: '^1.0.0' }) =>
    writeModule(host.modulesDir, { name, dependencies, files: { 'index.ts': code } });
  const act = async (action: string, name: string) =>
    (await host.admin<ModuleAnswer>('POST', `/modules/${name}/${action}`)).body;
  const ask = <T = { version: number }>(name: string, path = 'read') =>
    host.request<T>('GET', `/api/v1/m/${name}/${path}`);
  const versionOf = async (name: string) => (await ask(name)).body.version;

  it('reach dependents of all kinds, and are those of the newest code after a reload', async () => {
    for (const version of [2, 3]) {
      await writeDemo(version);
      expect((await act('reload', 'demo')).state).toBe('active');
      for (const name of ['reader', 'handler', 'plugin']) expect(await versionOf(name)).toBe(version);
      expect((await ask('reader', 'version')).body).toEqual({ version, unit: 'kWh' });
    }
  });

  it('fail no call under load, whatever is reloaded', async () => {
    const RELOADS = 12;
    const answers = new Map<number, number>();
    let running = true;
    const caller = async () => {
      while (running) {
        const { status } = await ask('reader', 'read?ms=5');
        answers.set(status, (answers.get(status) ?? 0) + 1);
      }
    };
    const load = Promise.all(Array.from({ length: 20 }, caller));
    const served: number[] = [];
    const written = Array.from({ length: RELOADS }, (_, index) => 100 + index);
    try {
      for (const version of written) {
        await writeDemo(version);
        expect((await act('reload', 'demo')).state).toBe('active');
        served.push(await versionOf('reader'));
        if (version % 4 === 0) expect((await act('reload', 'reader')).state).toBe('active');
      }
    } finally {
      running = false;
      await load;
    }
    expect(served).toEqual(written);
    expect([...answers.keys()]).toEqual([200]);
    expect(answers.get(200)).toBeGreaterThan(RELOADS * 20);
  });

  it('end what they have begun on the code that it began with', async () => {
    await writeDemo(4);
    await act('reload', 'demo');
    const slow = ask('reader', 'read?ms=400');
    const stream = ask<{ versions: number[] }>('reader', 'stream');
    await eventually(async () => {
      const { body } = await host.admin<{ requestsInFlight: number }>('GET', '/modules/stats');
      expect(body.requestsInFlight).toBe(2);
    });
    await writeDemo(5);
    await act('reload', 'demo');
    expect(await versionOf('reader')).toBe(5);
    expect((await slow).body).toEqual({ version: 4 });
    expect((await stream).body.versions).toEqual(Array(10).fill(4));
    await eventually(async () => {
      const { body } = await host.admin<{ generations: number }>('GET', '/modules/stats');
      expect(body.generations).toBe(4);
    });
  });

  it('keep asynchronous calls waiting while a module is stopped and started', async () => {
    await writeDemo(6, { reload: 'stop-start' });
    const hold = ask('reader', 'read?ms=300');
    await eventually(async () => {
      const { body } = await host.admin<{ requestsInFlight: number }>('GET', '/modules/stats');
      expect(body.requestsInFlight).toBe(1);
    });
    const reload = act('reload', 'demo');
    await eventually(async () => {
      expect((await host.admin<ModuleAnswer>('GET', '/modules/demo')).body.state).toBe('draining');
    });
    const [waiting, refused] = await Promise.all([ask('reader'), ask<ModuleAnswer>('reader', 'version')]);
    expect([waiting.status, waiting.body]).toEqual([200, { version: 6 }]);
    expect(refused.status).toBe(503);
    expect((await hold).body).toEqual({ version: 5 });
    expect((await reload).state).toBe('active');
    await writeDemo(7);
    await act('reload', 'demo');
  });

  it('refuse a version that no longer has what others use', async () => {
    await writeDemo(8, {}, 'OtherService');
    expect(await act('reload', 'demo')).toMatchObject({
      code: 'EXPORT_IN_USE',
      dependents: expect.arrayContaining(['reader', 'plugin']) as unknown,
    });
    expect(await versionOf('reader')).toBe(7);
    for (const name of ['reader', 'handler', 'plugin']) await act('disable', name);
    expect((await act('reload', 'demo')).version).toBe('1.8.0');
    await writeDemo(9);
    await act('reload', 'demo');
    for (const name of ['reader', 'handler', 'plugin']) expect((await act('enable', name)).state).toBe('active');
  });

  it('are refused where the module does not say that it depends on them', async () => {
    await write('stranger', consumer(), {});
    await host.admin('POST', '/modules/scan');
    expect(await act('enable', 'stranger')).toMatchObject({
      code: 'DEPENDENCY_UNDECLARED',
      detail: expect.stringContaining('stranger uses MeterService of demo') as unknown,
      problems: [{ pointer: '/dependencies' }],
    });
  });

  it('are refused by a name that there is not, with the one that may be meant', async () => {
    await write('mistaken', consumer(`'MeterServce'`));
    await host.admin('POST', '/modules/scan');
    expect(await act('enable', 'mistaken')).toMatchObject({
      code: 'EXPORT_NOT_FOUND',
      problems: [{ hint: 'did you mean `MeterService`?' }],
    });
    expect((await host.admin<ModuleAnswer>('GET', '/modules/demo')).body.state).toBe('active');
  });
});
