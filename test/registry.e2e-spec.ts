import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestHost } from './support/test-host.js';

interface ModuleAnswer {
  readonly name: string;
  readonly status: string;
  readonly state: string;
  readonly path: string;
  readonly version: string | null;
  readonly error: {
    code: string;
    folders?: string[];
    problems?: { code: string; pointer?: string; line?: number }[];
  } | null;
}

const MANIFEST = {
  name: 'plain',
  version: '1.0.0',
  displayName: 'Plain',
  description: 'Answers',
  author: 'Tests',
  routes: [{ method: 'GET', path: '/', handler: './index.ts' }],
};

describe('finding and keeping modules', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await TestHost.start({ modules: ['counter'] });
  });
  afterAll(() => host.dispose());

  const folder = (name: string) => join(host.modulesDir, name);
  const write = async (name: string, manifest: object | string, code = 'export default () => ({ ok: true });') => {
    await mkdir(folder(name), { recursive: true });
    const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest, null, 2);
    await writeFile(join(folder(name), 'manifest.json'), text);
    await writeFile(join(folder(name), 'index.ts'), code);
  };
  const scan = () => host.admin<Record<string, string[]>>('POST', '/modules/scan');
  const get = async (name: string) => (await host.admin<ModuleAnswer>('GET', `/modules/${name}`)).body;

  it('registers what is new, and finds nothing to do the second time', async () => {
    await write('plain', MANIFEST);
    expect((await scan()).body).toMatchObject({ registered: ['plain'], updated: [], missing: [], invalid: [] });
    expect((await scan()).body).toMatchObject({ registered: [], updated: [], missing: [], invalid: [] });
    expect(await get('plain')).toMatchObject({ status: 'REGISTERED', state: 'idle', version: '1.0.0', error: null });
  });

  it('follows a changed manifest of a module that is not enabled', async () => {
    await write('plain', { ...MANIFEST, version: '1.1.0' });
    expect((await scan()).body).toMatchObject({ updated: ['plain'] });
    expect((await get('plain')).version).toBe('1.1.0');
  });

  it('keeps an invalid manifest as a row that says what is wrong, and where', async () => {
    await write('wrong', { ...MANIFEST, name: 'wrong', routs: [] });
    expect((await scan()).body).toMatchObject({ registered: ['wrong'], invalid: ['wrong'] });
    const { status, error } = await get('wrong');
    expect([status, error?.code]).toEqual(['REGISTERED', 'MANIFEST_INVALID']);
    expect(error?.problems?.[0]).toMatchObject({ pointer: '/routs', line: expect.any(Number) as unknown });
    expect((await host.admin('POST', '/modules/wrong/enable')).body.code).toBe('MANIFEST_INVALID');
    await write('wrong', { ...MANIFEST, name: 'wrong' });
    await scan();
    expect((await get('wrong')).error).toBeNull();
    expect((await host.admin('POST', '/modules/wrong/enable')).status).toBe(200);
  });

  it('gives one name to one folder', async () => {
    await write('twin-a', { ...MANIFEST, name: 'twin' });
    await write('twin-b', { ...MANIFEST, name: 'twin' });
    await scan();
    expect((await get('twin')).error).toMatchObject({
      code: 'MODULE_NAME_CONFLICT',
      folders: [folder('twin-a'), folder('twin-b')],
    });
    const { status, body } = await host.admin('POST', '/modules/twin/enable');
    expect([status, body.code]).toEqual([409, 'MODULE_NAME_CONFLICT']);
    await rm(folder('twin-b'), { recursive: true });
    await scan();
    expect((await host.admin('POST', '/modules/twin/enable')).status).toBe(200);
  });

  it('goes on with what is loaded where the folder has gone, and says so', async () => {
    await host.admin('POST', '/modules/plain/enable');
    await rename(folder('plain'), `${folder('plain')}.away`);
    try {
      expect((await scan()).body.missing).toContain('plain');
      expect((await host.request('GET', '/api/v1/m/plain/')).body).toEqual({ ok: true });
      const { status, body } = await host.admin('POST', '/modules/plain/reload');
      expect([status, body.code]).toEqual([422, 'MODULE_FOLDER_MISSING']);
      expect((await host.request('GET', '/api/v1/m/plain/')).status).toBe(200);
    } finally {
      await rename(`${folder('plain')}.away`, folder('plain'));
    }
  });

  it('registers a folder by its path, under the roots only', async () => {
    const outside = join(tmpdir(), `nestdock-outside-${process.pid}`);
    await cp(folder('plain'), outside, { recursive: true });
    try {
      for (const path of [outside, `${host.modulesDir}/../../etc`, '/etc', join(host.modulesDir, '..')]) {
        const { status, body } = await host.admin('POST', '/modules', { path });
        expect([path, status, body.code]).toEqual([path, 403, 'MODULE_PATH_FORBIDDEN']);
      }
    } finally {
      await rm(outside, { recursive: true });
    }
    await write('nested/deeper', { ...MANIFEST, name: 'deeper' });
    const { body } = await host.admin<ModuleAnswer>('POST', '/modules', { path: folder('nested/deeper') });
    expect(body).toMatchObject({ name: 'deeper', path: folder('nested/deeper'), status: 'REGISTERED' });
    const missing = await host.admin('POST', '/modules', { path: folder('nowhere') });
    expect([missing.status, missing.body.code]).toEqual([422, 'MODULE_FOLDER_MISSING']);
  });

  it('validates without changing anything', async () => {
    const before = (await host.admin('GET', '/modules')).body;
    const sound = await host.admin('POST', '/modules/validate', { manifest: MANIFEST });
    expect(sound.body).toEqual({ valid: true, problems: [] });
    const bad = await host.admin<{ valid: boolean; problems: { code: string; hint?: string }[] }>(
      'POST',
      '/modules/validate',
      { manifest: { ...MANIFEST, verison: '1' } },
    );
    expect(bad.body.valid).toBe(false);
    expect(bad.body.problems[0]?.hint).toContain('version');
    const path = await host.admin('POST', '/modules/validate', { path: folder('plain') });
    expect(path.body).toEqual({ valid: true, problems: [] });
    expect((await host.admin('GET', '/modules')).body).toEqual(before);
  });

  it('forgets a module that is not enabled, and knows it no more', async () => {
    const refused = await host.admin('DELETE', '/modules/plain');
    expect([refused.status, refused.body.code]).toEqual([409, 'MODULE_ENABLED']);
    await host.admin('POST', '/modules/plain/disable');
    expect((await host.admin('DELETE', '/modules/plain')).status).toBeLessThan(300);
    for (const [method, path] of [
      ['GET', '/modules/plain'],
      ['POST', '/modules/plain/enable'],
      ['POST', '/modules/plain/disable'],
      ['POST', '/modules/plain/reload'],
      ['DELETE', '/modules/plain'],
    ] as const) {
      const { status, body } = await host.admin(method, path);
      expect([method, path, status, body.code]).toEqual([method, path, 404, 'MODULE_NOT_FOUND']);
    }
    await scan();
    expect((await get('plain')).status).toBe('REGISTERED');
  });

  it('will not reload under another name', async () => {
    await host.admin('POST', '/modules/counter/enable');
    const file = join(folder('counter'), 'manifest.json');
    const manifest = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, JSON.stringify({ ...manifest, name: 'abacus' }));
    const { status, body } = await host.admin('POST', '/modules/counter/reload');
    expect([status, body.code]).toEqual([409, 'MODULE_RENAMED']);
    expect((await get('counter')).state).toBe('active');
  });
});
