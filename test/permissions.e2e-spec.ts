import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type DatabaseForHost, describeOnBothDatabases } from './support/both-databases.js';
import { HostProcess } from './support/host-process.js';
import { writeModule } from './support/write-module.js';

const FILES = {
  'index.ts': `
    import net from 'node:net';
    export default async (app, { context }) => {
      app.get('/version', async () => ({ version: context.module.version, pid: process.pid }));
      app.get('/variable', async () => ({ variable: process.env.THEIR_API_KEY ?? null }));
    };`,
};

describeOnBothDatabases('permissions and isolation', (make) => {
  let database: DatabaseForHost;
  let host: HostProcess;

  beforeAll(async () => {
    database = await make();
    const env = {
      ADMIN_TOKEN: 'a-token-for-tests-only',
      SECRET_KEY: 'a-key-for-tests-only-0123456789abcdef',
      THEIR_API_KEY: 'theirs',
    };
    host = await HostProcess.start({ env: { ...database.env, ...env } });
  });
  afterAll(async () => {
    await host.dispose();
    await database.remove();
  });

  const write = (version: string, permissions: readonly string[], isolation = 'process') =>
    writeModule(host.modulesDir, { name: 'asker', version, entry: './index.ts', permissions, isolation }, FILES);
  const operate = (what: string, body?: object) => host.admin('POST', `/modules/asker/${what}`, body);
  const shown = async () => (await host.admin('GET', '/modules/asker')).body;
  const ask = async (path: string) =>
    (await (await fetch(`${host.url}/api/v1/m/asker/${path}`)).json()) as Record<string, unknown>;

  it('grants what the first version asks for, and shows it', async () => {
    await write('1.0.0', ['environment:THEIR_API_KEY']);
    await host.admin('POST', '/modules/scan');
    expect(await shown()).toMatchObject({ permissions: ['environment:THEIR_API_KEY'], grantedPermissions: null });
    expect((await operate('enable')).status).toBe(200);
    expect(await shown()).toMatchObject({
      grantedPermissions: ['environment:THEIR_API_KEY'],
      isolation: 'process',
      isolationOverride: null,
    });
    expect(await ask('variable')).toEqual({ variable: 'theirs' });
  });

  it('refuses a version that asks for more, until somebody has decided; the one before goes on', async () => {
    await write('1.1.0', ['environment:THEIR_API_KEY', 'network:outbound']);
    const { status, body } = await operate('reload');
    expect([status, body]).toMatchObject([
      409,
      {
        code: 'PERMISSIONS_CHANGED',
        added: ['network:outbound'],
        granted: ['environment:THEIR_API_KEY'],
        serving: { version: '1.0.0' },
      },
    ]);
    expect(await ask('version')).toMatchObject({ version: '1.0.0' });
    expect(await shown()).toMatchObject({ version: '1.0.0', error: { code: 'PERMISSIONS_CHANGED' } });
  });

  it('does not load it at a start either', async () => {
    await host.terminate();
    await database.forgetReleases();
    await host.restart();
    expect(await shown()).toMatchObject({ state: 'failed', status: 'ENABLED', error: { code: 'PERMISSIONS_CHANGED' } });
  });

  it('grants what is said, which may be less than is asked', async () => {
    const { status } = await operate('enable', { permissions: ['network:outbound'] });
    expect(status).toBe(200);
    expect(await shown()).toMatchObject({
      version: '1.1.0',
      state: 'active',
      grantedPermissions: ['network:outbound'],
      error: null,
    });
    expect(await ask('variable')).toEqual({ variable: null });
    expect((await operate('reload')).status).toBe(200);
    expect(await shown()).toMatchObject({ grantedPermissions: ['network:outbound'] });
  });

  it('grants something else while the module serves, by another process', async () => {
    const before = await ask('version');
    const { status } = await operate('enable', { permissions: ['network:outbound', 'environment:THEIR_API_KEY'] });
    expect(status).toBe(200);
    expect(await ask('variable')).toEqual({ variable: 'theirs' });
    expect((await ask('version'))['pid']).not.toBe(before['pid']);
  });

  it('refuses to grant what is not asked for', async () => {
    const { status, body } = await operate('enable', { permissions: ['network:outbound', 'process:spawn'] });
    expect([status, body]).toMatchObject([400, { code: 'REQUEST_INVALID', problems: [{ pointer: '/permissions/1' }] }]);
    expect(await ask('variable')).toEqual({ variable: 'theirs' });
  });

  it('lets a version through that asks for less', async () => {
    await write('1.2.0', ['network:outbound']);
    expect((await operate('reload')).status).toBe(200);
    expect(await shown()).toMatchObject({ version: '1.2.0', grantedPermissions: ['network:outbound'] });
    expect(await ask('variable')).toEqual({ variable: null });
  });

  const isolate = (isolation: unknown) => host.admin('PATCH', '/modules/asker', { isolation });

  it('runs a module elsewhere on the word of an operator, without a change of its code or a failed request', async () => {
    const { pid: inProcess } = await ask('version');
    let asking = true;
    const asked = (async () => {
      const versions = new Set<unknown>();
      while (asking) versions.add((await ask('version'))['version']);
      return versions;
    })();
    const { status, body } = await isolate('inline');
    expect([status, body]).toMatchObject([200, { isolation: 'inline', isolationOverride: 'inline', version: '1.2.0' }]);
    expect((await ask('version'))['pid']).toBe(host.pid);
    expect(await isolate(null)).toMatchObject({ status: 200, body: { isolation: 'process', isolationOverride: null } });
    asking = false;
    expect([...(await asked)]).toEqual(['1.2.0']);
    const { pid } = await ask('version');
    expect([host.pid, inProcess]).not.toContain(pid);
  });

  it('keeps that over a restart, and for a module that is not enabled', async () => {
    expect((await isolate('inline')).status).toBe(200);
    await host.terminate();
    await host.restart();
    expect((await ask('version'))['pid']).toBe(host.pid);
    await operate('disable');
    expect(await isolate('process')).toMatchObject({ status: 200, body: { state: 'idle', isolation: 'process' } });
    await operate('enable');
    expect((await ask('version'))['pid']).not.toBe(host.pid);
  });

  it('refuses what is no isolation', async () => {
    for (const isolation of ['proces', 3, undefined]) expect((await isolate(isolation)).status).toBe(400);
    expect((await host.admin('PATCH', '/modules/nobody', { isolation: 'inline' })).status).toBe(404);
    expect((await fetch(`${host.url}/api/v1/modules/asker`, { method: 'PATCH' })).status).toBe(401);
  });
});
