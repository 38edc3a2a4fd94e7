import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makePostgresDatabase, TEST_DATABASE_URL, type TestPlace } from './support/database.js';
import { TestHost } from './support/test-host.js';

interface Settings {
  readonly values: Record<string, unknown>;
  readonly schema: { readonly properties: Record<string, object>; readonly required?: string[] };
  readonly revision: number;
}

interface Problem {
  readonly code: string;
  readonly problems: { readonly code: string; readonly pointer: string; readonly hint?: string }[];
}

interface History {
  readonly items: { readonly revision: number; readonly changes: object[] }[];
  readonly total: number;
  readonly nextCursor: string | null;
}

const MASK = '********';
const MODULE = '/api/v1/m/settings-live';
const PATH = '/modules/settings-live';
const KINDS = TEST_DATABASE_URL === undefined ? ['embedded'] : ['embedded', 'postgres'];

describe.each(KINDS)('settings, on the %s database', (kind) => {
  let place: TestPlace | undefined;
  let host: TestHost;
  beforeAll(async () => {
    if (kind === 'postgres') place = await makePostgresDatabase();
    const url = place?.env['DATABASE_URL'];
    host = await TestHost.start({ modules: ['settings-live'], env: { ...(url && { DATABASE_URL: url }) } });
  });
  afterAll(async () => {
    await host.dispose();
    await place?.remove();
  });

  const read = async () => (await host.admin<Settings>('GET', `${PATH}/settings`)).body;
  const put = <T = Settings>(values: object) => host.admin<T>('PUT', `${PATH}/settings`, values);
  const enable = () => host.admin('POST', `${PATH}/enable`);
  const disable = () => host.admin('POST', `${PATH}/disable`);
  const ofModule = async <T = Record<string, unknown>>(path: string, method = 'GET') =>
    (await host.request<T>(method, MODULE + path)).body;
  const seen = async () => (await ofModule<{ json: Record<string, unknown> }>('/settings')).json;
  const log = () => host.log.map((line) => JSON.stringify(line)).join('\n');

  async function editManifest(edit: (manifest: { version: string; settings: Record<string, object> }) => void) {
    const file = join(host.modulesDir, 'settings-live', 'manifest.json');
    const manifest = JSON.parse(await readFile(file, 'utf8')) as Parameters<typeof edit>[0];
    edit(manifest);
    await writeFile(file, JSON.stringify(manifest));
  }

  it('can be set before the module is enabled', async () => {
    expect(await read()).toMatchObject({
      values: { retentionDays: 365, mode: 'fast', meters: [{ id: 1 }] },
      schema: { properties: { retentionDays: { type: 'number', title: 'Retention (days)', minimum: 1 } } },
      revision: 0,
    });
    const { status, body } = await put({ retentionDays: 90 });
    expect(status).toBe(200);
    expect(body).toMatchObject({ values: { retentionDays: 90, mode: 'fast' }, revision: 1 });
    expect((await enable()).body).toMatchObject({ status: 'ENABLED' });
    expect(await ofModule('/settings')).toMatchObject({
      json: { retentionDays: 90 },
      keys: ['retentionDays', 'mode', 'meters'],
      has: false,
      digest: null,
    });
  });

  it('reach the running module before the change is answered', async () => {
    await put({ retentionDays: 30, greeting: 'hello' });
    expect(await seen()).toMatchObject({ retentionDays: 30, greeting: 'hello' });
    expect(await ofModule('/handler')).toMatchObject({ retentionDays: 30, greeting: 'hello' });
    expect(await ofModule('/told')).toEqual([
      { by: 'listener', changed: ['retentionDays', 'greeting'] },
      { by: 'hook', changed: ['retentionDays', 'greeting'], retentionDays: 30 },
    ]);
    await put({ retentionDays: 31 });
    expect(log()).not.toContain('does on new settings failed');
  });

  it('refuse what does not fit, one problem a field, and change nothing', async () => {
    const before = await read();
    const { status, body } = await put<Problem>({
      retentionDays: 0,
      mode: 'medium',
      greting: 'hi',
      apiKey: 'abc',
      greeting: 'fits',
    });
    expect(status).toBe(400);
    expect(body.code).toBe('SETTINGS_INVALID');
    expect(body.problems.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'FIELD_INVALID /retentionDays',
      'FIELD_INVALID /mode',
      'FIELD_UNKNOWN /greting',
      'FIELD_INVALID /apiKey',
    ]);
    expect(body.problems[2]?.hint).toBe('did you mean `greeting`?');
    expect(await read()).toEqual(before);
  });

  it('merge, mask secrets, keep one whose mask is sent back, and clear what is null', async () => {
    const { body } = await put({ apiKey: 'correct horse battery staple' });
    expect(body.values).toMatchObject({ apiKey: MASK, greeting: 'hello' });
    const { digest } = await ofModule<{ digest: string }>('/settings');
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    await put({ ...(await read()).values, retentionDays: 31 });
    expect(await ofModule('/settings')).toMatchObject({ digest, json: { retentionDays: 31 } });
    await put({ apiKey: null, retentionDays: null });
    expect((await read()).values).not.toHaveProperty('apiKey');
    expect(await ofModule('/settings')).toMatchObject({ digest: null, json: { retentionDays: 365 } });
  });

  it('cannot be written by the module', async () => {
    expect(await ofModule('/write', 'POST')).toEqual({
      set: 'TypeError',
      add: 'TypeError',
      remove: 'TypeError',
      define: 'TypeError',
      prototype: 'TypeError',
      deep: 'TypeError',
    });
    expect(await seen()).toMatchObject({ retentionDays: 365, meters: [{ id: 1 }] });
  });

  it('change one after the other, and only from the revision that is asked for', async () => {
    const { revision } = await read();
    const changes = [{ retentionDays: 7 }, { mode: 'slow' }, { greeting: 'hi' }, { meters: [] }];
    const answers = await Promise.all(changes.map((change) => put(change)));
    expect(answers.map(({ body }) => body.revision).sort((a, b) => a - b)).toEqual(
      [1, 2, 3, 4].map((step) => revision + step),
    );
    expect((await read()).values).toMatchObject({ retentionDays: 7, mode: 'slow', greeting: 'hi', meters: [] });
    const late = await host.request<Problem>(
      'PUT',
      `/api/v1${PATH}/settings`,
      { mode: 'fast' },
      { authorization: 'Bearer a-token-for-tests-only-0123456789', 'if-match': `"${revision}"` },
    );
    expect(late.status).toBe(412);
    expect(late.body).toMatchObject({ code: 'SETTINGS_CHANGED', revision: revision + 4 });
    await put({ mode: 'slow' });
    expect((await read()).revision).toBe(revision + 4);
  });

  it('say who changed what, and when', async () => {
    await put({ apiKey: 'another secret', greeting: 'moin' });
    const { body } = await host.admin<History>('GET', `${PATH}/settings/history?limit=2`);
    expect(body.items[0]).toEqual({
      revision: body.total,
      changedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      changedBy: 'admin',
      requestId: expect.any(String),
      address: '127.0.0.1',
      changes: [
        { field: 'apiKey', old: null, new: MASK },
        { field: 'greeting', old: 'hi', new: 'moin' },
      ],
    });
    const all = [...body.items];
    for (let cursor = body.nextCursor; cursor !== null;) {
      const page = await host.admin<History>('GET', `${PATH}/settings/history?limit=2&cursor=${cursor}`);
      all.push(...page.body.items);
      cursor = page.body.nextCursor;
    }
    expect(all.map(({ revision }) => revision)).toEqual(
      Array.from({ length: body.total }, (_none, index) => body.total - index),
    );
  });

  it('change all the same where the module fails in its hook, or hangs in it', async () => {
    expect((await put({ greeting: 'fail' })).status).toBe(200);
    expect(log()).toContain('onSettingsChanged of Settings failed: told of [redacted]');
    expect((await put({ greeting: 'hang' })).status).toBe(200);
    expect(log()).toContain('has not ended after');
    expect(await seen()).toMatchObject({ greeting: 'hang' });
    expect((await put({ greeting: 'fine' })).status).toBe(200);
  });

  it('block a version that needs what is not set, and can be set for it while the old one serves', async () => {
    await editManifest((manifest) => {
      manifest.version = '2.0.0';
      manifest.settings['region'] = { type: 'string', required: true };
      manifest.settings['zone'] = { type: 'password', required: true };
    });
    const blocked = await host.admin<Problem>('POST', `${PATH}/reload`);
    expect(blocked.status).toBe(409);
    expect(blocked.body).toMatchObject({
      code: 'SETTINGS_INCOMPLETE',
      problems: [
        { code: 'FIELD_REQUIRED', pointer: '/region', hint: expect.stringContaining('PUT') },
        { code: 'FIELD_REQUIRED', pointer: '/zone' },
      ],
      serving: { version: '1.0.0' },
    });
    expect(await seen()).toMatchObject({ greeting: 'fine' });
    expect((await host.admin('GET', PATH)).body).toMatchObject({
      state: 'active',
      version: '1.0.0',
      error: { code: 'SETTINGS_INCOMPLETE' },
    });
    expect((await read()).schema.properties).toHaveProperty('region');
    expect((await put({ region: 'east', zone: 'a secret zone' })).status).toBe(200);
    expect((await host.admin('POST', `${PATH}/reload`)).body).toMatchObject({ version: '2.0.0', error: null });
    expect(await seen()).toMatchObject({ greeting: 'fine', region: 'east' });
  });

  it('keep what an enabled module needs', async () => {
    const refused = await put<Problem>({ region: null });
    expect(refused.body).toMatchObject({
      code: 'SETTINGS_INVALID',
      problems: [{ code: 'FIELD_REQUIRED', pointer: '/region' }],
    });
    await disable();
    expect((await put({ region: null })).status).toBe(200);
    expect((await enable()).body).toMatchObject({ code: 'SETTINGS_INCOMPLETE', problems: [{ pointer: '/region' }] });
    await put({ region: 'west' });
    expect((await enable()).status).toBe(200);
  });

  it('block a version whose fields the values do not fit, before any of its code runs', async () => {
    await put({ greeting: 'a text' });
    const entry = join(host.modulesDir, 'settings-live', 'src', 'index.ts');
    const code = await readFile(entry, 'utf8');
    await writeFile(entry, `throw new Error('it has run');\n${code}`);
    await editManifest((manifest) => {
      manifest.version = '3.0.0';
      manifest.settings['greeting'] = { type: 'number' };
      delete manifest.settings['mode'];
    });
    const blocked = await host.admin<Problem>('POST', `${PATH}/reload`);
    expect(blocked.body).toMatchObject({ code: 'SETTINGS_INCOMPLETE', problems: [{ pointer: '/greeting' }] });
    await writeFile(entry, code);
    await disable();
    expect((await put({ greeting: 5 })).status).toBe(200);
    expect((await enable()).body).toMatchObject({ version: '3.0.0', state: 'active' });
    expect(await seen()).not.toHaveProperty('mode');
    expect((await read()).values).not.toHaveProperty('mode');
    await editManifest((manifest) => {
      manifest.settings['mode'] = { type: 'select', options: ['fast', 'slow'], default: 'fast' };
    });
    await host.admin('POST', `${PATH}/reload`);
    expect(await seen()).toMatchObject({ mode: 'slow', greeting: 5 });
  });

  it('outlive the host, and the module itself where it is only forgotten', async () => {
    const before = await read();
    await host.stop();
    await host.open();
    expect(await read()).toEqual(before);
    expect(await seen()).toMatchObject({ greeting: 5, region: 'west' });
    await disable();
    expect((await host.admin('DELETE', PATH)).status).toBe(204);
    expect((await host.admin('GET', `${PATH}/settings`)).status).toBe(404);
    await host.admin('POST', '/modules/scan');
    expect(await read()).toEqual(before);
    expect((await enable()).status).toBe(200);
    expect(await seen()).toMatchObject({ greeting: 5 });
  });

  it('are gone with their history once the module is purged', async () => {
    await disable();
    expect((await host.admin('DELETE', `${PATH}?purge=true&confirm=settings-live`)).status).toBe(204);
    await host.admin('POST', '/modules/scan');
    expect(await read()).toMatchObject({ revision: 0 });
    expect((await read()).values).not.toHaveProperty('zone');
    expect((await host.admin<History>('GET', `${PATH}/settings/history`)).body).toMatchObject({ items: [], total: 0 });
  });
});
