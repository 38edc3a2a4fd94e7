import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type InjectOptions } from 'fastify';
import { adminApp, AUTHORIZED } from '../../../test/support/admin-app.js';
import { FakeJobs } from '../../../test/support/fake-jobs.js';
import { FakeLifecycle } from '../../../test/support/fake-lifecycle.js';

describe('ModulesController', () => {
  const lifecycle = new FakeLifecycle();
  let app: NestFastifyApplication;
  beforeAll(async () => {
    app = await adminApp([...lifecycle.providers, new FakeJobs().provider]);
  });
  afterAll(() => app.close());
  beforeEach(() => {
    lifecycle.calls.length = 0;
    lifecycle.views.clear();
    lifecycle.add('hello', 'ENABLED');
    lifecycle.add('demo-meter');
  });

  type Method = NonNullable<InjectOptions['method']>;
  const ask = (method: Method, path: string, payload?: object) =>
    app.inject({ method, url: `/api/v1/modules${path}`, headers: AUTHORIZED, ...(payload && { payload }) });

  it('lists modules without their manifests', async () => {
    const answer = await ask('GET', '');
    expect(answer.statusCode).toBe(200);
    const list = answer.json<{ items: object[]; total: number; nextCursor: null }>();
    expect(list).toMatchObject({ total: 2, nextCursor: null });
    expect(Object.keys(list.items[0] ?? {}).sort()).toEqual(
      'bundle description displayName error generation grantedPermissions incidents isolation isolationOverride jobs loadedAt name path permissions quarantine release revision routes state status version'.split(
        ' ',
      ),
    );
  });

  it('filters by status, and by a known one only', async () => {
    expect((await ask('GET', '?status=ENABLED')).json()).toMatchObject({ items: [{ name: 'hello' }], total: 1 });
    const wrong = await ask('GET', '?status=enabled');
    expect(wrong.statusCode).toBe(400);
    expect(wrong.json()).toMatchObject({
      code: 'REQUEST_INVALID',
      problems: [{ code: 'FIELD_INVALID', pointer: '/status' }],
    });
  });

  it('shows one with its manifest', async () => {
    expect((await ask('GET', '/hello')).json()).toMatchObject({ name: 'hello', manifest: { author: 'somebody' } });
  });

  it('shows what is loaded', async () => {
    expect((await ask('GET', '/stats')).json()).toMatchObject({ modules: 0, generations: 0, requestsInFlight: 0 });
  });

  it.each([
    ['enable', 'ENABLED'],
    ['disable', 'DISABLED'],
    ['reload', 'ENABLED'],
  ])('answers %s with 200 and the module as it is then', async (action, status) => {
    const answer = await ask('POST', `/demo-meter/${action}`);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ name: 'demo-meter', status });
    expect(lifecycle.calls).toEqual([`${action} demo-meter`]);
  });

  it('waits for all hosts where that is asked for', async () => {
    expect((await ask('POST', '/hello/enable?wait=cluster')).statusCode).toBe(200);
    expect(lifecycle.calls).toEqual(['enable hello', 'converged hello 1']);
    expect((await ask('POST', '/hello/enable?wait=host')).json()).toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it('tries a release on a part where that is asked for', async () => {
    const tried = (rest: object) => `reload hello by ${JSON.stringify({ strategy: 'canary', ...rest })}`;
    const usual = { percent: 5, windowMs: 60_000, errorPercent: 5 };
    expect((await ask('POST', '/hello/reload?strategy=canary')).statusCode).toBe(202);
    expect(lifecycle.calls).toEqual([tried(usual)]);
    const asked = '?strategy=canary&percent=0.5&windowMs=1000&errorPercent=0&wait=cluster';
    expect((await ask('POST', `/hello/reload${asked}`)).statusCode).toBe(200);
    expect(lifecycle.calls.slice(1)).toEqual([
      tried({ percent: 0.5, windowMs: 1_000, errorPercent: 0 }),
      'trial of hello ended',
      'converged hello 1',
    ]);
  });

  it.each([
    ['strategy=some', '/strategy'],
    ['strategy=canary&percent=0', '/percent'],
    ['strategy=canary&percent=101', '/percent'],
    ['strategy=canary&percent=five', '/percent'],
    ['strategy=rolling&windowMs=0', '/windowMs'],
    ['strategy=rolling&errorPercent=-1', '/errorPercent'],
    ['percent=5', '/percent'],
    ['strategy=all&windowMs=5', '/windowMs'],
  ])('refuses a trial by %s', async (query, pointer) => {
    const answer = await ask('POST', `/hello/reload?${query}`);
    expect(answer.json()).toMatchObject({ status: 400, code: 'REQUEST_INVALID', problems: [{ pointer }] });
    expect(lifecycle.calls).toEqual([]);
  });

  it('gives up what is on trial', async () => {
    expect((await ask('DELETE', '/hello/rollout')).statusCode).toBe(204);
    expect(lifecycle.calls).toEqual(['abandon hello']);
  });

  it('bases a change on the revision that If-Match names', async () => {
    const { etag } = (await ask('GET', '/hello')).headers;
    expect(etag).toBe('"1"');
    const based = (value: string) =>
      app.inject({
        method: 'POST',
        url: '/api/v1/modules/hello/enable',
        headers: { ...AUTHORIZED, 'if-match': value },
      });
    expect((await based('"1"')).statusCode).toBe(200);
    expect(lifecycle.calls).toEqual(['enable hello at 1']);
    expect((await based('one')).json()).toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it('goes back to a bundle by its hash, which must be one', async () => {
    const roll = (hash: string) =>
      app.inject({
        method: 'POST',
        url: '/api/v1/modules/hello/rollback',
        headers: AUTHORIZED,
        payload: { hash },
      });
    expect((await roll('a'.repeat(64))).statusCode).toBe(200);
    expect(lifecycle.calls).toEqual([`roll back hello to ${'a'.repeat(64)}`]);
    expect((await roll('../x')).json()).toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it('disables dependents along where that is asked for', async () => {
    expect((await ask('POST', '/hello/disable?cascade=true')).statusCode).toBe(200);
    expect((await ask('POST', '/hello/disable?cascade=false')).statusCode).toBe(200);
    expect(lifecycle.calls).toEqual(['disable hello with dependents', 'disable hello']);
    expect((await ask('POST', '/hello/disable?cascade=all')).json()).toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it.each([
    ['GET', '/nobody'],
    ['POST', '/nobody/enable'],
    ['POST', '/nobody/disable'],
    ['POST', '/nobody/reload'],
    ['DELETE', '/nobody'],
  ] as const)('answers %s %s with 404', async (method, path) => {
    const answer = await ask(method, path);
    expect(answer.statusCode).toBe(404);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toMatchObject({ code: 'MODULE_NOT_FOUND', detail: 'no module is named "nobody"' });
  });

  it.each(['/a%00b', '/a%2fb', '/%0a', '/a%5Cb'])('refuses %s as a name', async (path) => {
    expect((await ask('GET', path)).json()).toMatchObject({ code: 'REQUEST_INVALID', status: 400 });
  });

  it('scans', async () => {
    const answer = await ask('POST', '/scan');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ registered: ['new'], updated: [], missing: [], invalid: [] });
  });

  it('registers a folder', async () => {
    const answer = await ask('POST', '', { path: '/modules/registered' });
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toMatchObject({ name: 'registered' });
    expect(lifecycle.calls).toEqual(['register /modules/registered']);
  });

  it.each([
    [{}, '/path'],
    [{ path: 1 }, '/path'],
    [{ path: '' }, '/path'],
    [{ path: 'a\0b' }, '/path'],
    [{ path: '/a', name: 'x' }, '/name'],
  ])('refuses to register %j', async (body, pointer) => {
    expect((await ask('POST', '', body)).json()).toMatchObject({ code: 'REQUEST_INVALID', problems: [{ pointer }] });
    expect(lifecycle.calls).toEqual([]);
  });

  it.each([[{ manifest: { name: 1, jobs: [[]] } }], [{ manifest: null }], [{ manifest: 'x' }], [{ path: '/a' }]])(
    'validates %j as it is given',
    async (body) => {
      const answer = await ask('POST', '/validate', body);
      expect(answer.statusCode).toBe(200);
      expect(answer.json()).toMatchObject({ valid: false, problems: [{ code: 'MANIFEST_REQUIRED' }] });
      expect(lifecycle.calls).toEqual([`validate ${JSON.stringify(body)}`]);
    },
  );

  it.each([
    [{}, ''],
    [{ manifest: {}, path: '/a' }, ''],
    [{ path: 3 }, '/path'],
    [{ manifest: {}, other: 1 }, '/other'],
    [[1], ''],
  ])('refuses to validate %j', async (body, pointer) => {
    expect((await ask('POST', '/validate', body)).json()).toMatchObject({
      code: 'REQUEST_INVALID',
      problems: [{ pointer }],
    });
  });

  it('forgets a module that is not enabled', async () => {
    const answer = await ask('DELETE', '/demo-meter');
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    expect((await ask('DELETE', '/hello')).json()).toMatchObject({ code: 'MODULE_ENABLED', status: 409 });
    expect((await ask('DELETE', '/hello?purge=false')).json()).toMatchObject({ code: 'MODULE_ENABLED' });
  });

  it('purges one where its name is given once more', async () => {
    const answer = await ask('DELETE', '/demo-meter?purge=true&confirm=demo-meter');
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    expect(lifecycle.calls).toEqual(['purge demo-meter']);
    expect((await ask('DELETE', '/hello?purge=1&confirm=hello')).json()).toMatchObject({ code: 'MODULE_ENABLED' });
  });

  it.each(['?purge=true', '?purge=1&confirm=', '?purge=true&confirm=hello', '?purge=true&confirm=Demo-Meter'])(
    'purges nothing that is not confirmed (%s)',
    async (query) => {
      expect((await ask('DELETE', `/demo-meter${query}`)).json()).toMatchObject({
        code: 'PURGE_UNCONFIRMED',
        status: 400,
      });
      expect((await ask('DELETE', '/demo-meter?purge=yes')).json()).toMatchObject({ code: 'REQUEST_INVALID' });
      expect(lifecycle.calls).toEqual([]);
    },
  );
});
