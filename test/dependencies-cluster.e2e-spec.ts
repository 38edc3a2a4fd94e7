import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeOnPostgres, makePostgresDatabase, type TestPlace } from './support/database.js';
import { eventually } from './support/eventually.js';
import { TestHost } from './support/test-host.js';
import { logsItsLife, writeModule } from './support/written-modules.js';

interface Answer {
  readonly status: string;
  readonly state: string;
  readonly version: string;
  readonly code?: string;
  readonly detail?: string;
  readonly dependents?: readonly string[];
  readonly hosts?: readonly { readonly error: { readonly code: string; readonly detail: string } }[];
}

/** What an operation that comes second may be told; anything else is a mistake of the host. */
const REFUSALS = new Set([
  undefined,
  'DEPENDENTS_ENABLED',
  'DEPENDENTS_INCOMPATIBLE',
  'DEPENDENCY_UNAVAILABLE',
  'DEPENDENCY_VERSION',
  'DEPENDENCY_FAILED',
  'MODULE_NOT_ENABLED',
  'REVISION_CONFLICT',
  'ROLLOUT_CONFLICT',
  'ROLLOUT_FAILED',
  'ROLLOUT_ABANDONED',
]);

/** Whichever host has come to see it first. */
function reasonOf({ code, detail, hosts }: Answer): (string | undefined)[] {
  const [other] = hosts ?? [];
  return code === 'ROLLOUT_FAILED' ? [other?.error.code, other?.error.detail] : [code, detail];
}

describeOnPostgres('two hosts that contradict each other', () => {
  let database: TestPlace & { readonly url: string };
  let first: TestHost;
  let second: TestHost;

  beforeAll(async () => {
    database = await makePostgresDatabase();
    first = await TestHost.start({ env: { DATABASE_URL: database.url } });
    second = await TestHost.start({ env: { DATABASE_URL: database.url, MODULES_DIR: first.modulesDir } });
  });
  afterAll(async () => {
    await first.dispose();
    await second.dispose();
    await database.remove();
  });

  const write = (name: string, needs: Record<string, string> = {}, version = '1.0.0', ms = 10) =>
    writeModule(first.modulesDir, { name, version, dependencies: needs, files: { 'index.ts': logsItsLife(ms) } });
  const act = async (host: TestHost, action: string, name: string) =>
    (await host.admin<Answer>('POST', `/modules/${name}/${action}`)).body;
  const begins = (host: TestHost, name: string) =>
    eventually(() => expect(host.log).toContainEqual(expect.objectContaining({ module: name, msg: 'begins' })));

  it('never leave a module enabled without what it needs', async () => {
    await write('aaa', { bbb: '*', ccc: '*' });
    await write('bbb', { ccc: '*' });
    await write('ccc');
    await first.admin('POST', '/modules/scan');
    const names = ['aaa', 'bbb', 'ccc'];
    const codes: (string | undefined)[] = [];
    for (let round = 0; round < 8; round++) {
      const answers = await Promise.all(
        [first, second].flatMap((host, index) =>
          names.flatMap((name) => [
            act(host, 'enable', name),
            act(host, (round + index) % 2 === 0 ? 'disable' : 'disable?cascade=true', name),
            act(host, 'reload', name),
          ]),
        ),
      );
      codes.push(...answers.map(({ code }) => code));
      const { items } = (await first.admin<{ items: (Answer & { name: string })[] }>('GET', '/modules')).body;
      const enabled = new Set(items.filter(({ status }) => status === 'ENABLED').map(({ name }) => name));
      expect(enabled.has('aaa') && !(enabled.has('bbb') && enabled.has('ccc'))).toBe(false);
      expect(enabled.has('bbb') && !enabled.has('ccc')).toBe(false);
    }
    expect([...new Set(codes)].filter((code) => !REFUSALS.has(code))).toEqual([]);
    await act(first, 'disable?cascade=true', 'ccc');
    await act(second, 'disable?cascade=true', 'ccc');
  });

  it('do not let one disable what the other enables a module upon', async () => {
    await write('aaa', { ccc: '*' }, '1.0.0', 400);
    await act(first, 'enable', 'ccc');
    first.log.length = 0;
    const enabling = act(first, 'enable', 'aaa');
    await begins(first, 'aaa');
    expect((await act(second, 'disable', 'ccc')).status).toBe('DISABLED');
    expect(reasonOf(await enabling)).toEqual(['DEPENDENCY_UNAVAILABLE', 'aaa needs ccc, which is DISABLED']);
    await act(first, 'disable', 'ccc');
    expect(await act(first, 'enable', 'aaa')).toMatchObject({ status: 'ENABLED' });
    expect(await act(second, 'disable', 'ccc')).toMatchObject({ code: 'DEPENDENTS_ENABLED', dependents: ['aaa'] });
  });

  it('do not let one bring a version that the other enables a module against', async () => {
    await act(first, 'disable?cascade=true', 'ccc');
    await write('aaa', { ccc: '^1.0.0' }, '1.0.0', 400);
    await act(first, 'enable', 'ccc');
    await act(second, 'enable', 'ccc');
    first.log.length = 0;
    const enabling = act(first, 'enable', 'aaa');
    await begins(first, 'aaa');
    await write('ccc', {}, '2.0.0');
    expect((await act(second, 'enable', 'ccc')).version).toBe('1.0.0');
    expect((await act(second, 'reload', 'ccc')).code).toBeUndefined();
    const [code, detail] = reasonOf(await enabling);
    expect(code).toBe('DEPENDENCY_VERSION');
    expect(detail).toMatch(/^aaa needs ccc \^1\.0\.0, (enabled|loaded) is 2\.0\.0$/);
    await write('ccc', {}, '1.0.0');
    await act(first, 'reload', 'ccc');
    expect(await act(first, 'enable', 'aaa')).toMatchObject({ status: 'ENABLED' });
    await write('ccc', {}, '2.0.0');
    expect(await act(second, 'reload', 'ccc')).toMatchObject({ code: 'DEPENDENTS_INCOMPATIBLE', dependents: ['aaa'] });
  });
});
