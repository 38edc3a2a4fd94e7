import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeOnBothDatabases, type DatabaseForHost } from './support/both-databases.js';
import { eventually } from './support/eventually.js';
import { TestHost } from './support/test-host.js';
import { logsItsLife, writeModule, type WrittenModule } from './support/written-modules.js';

interface ModuleAnswer {
  readonly status: string;
  readonly state: string;
  readonly version: string;
  readonly generation: number | null;
  readonly error: { code: string; detail: string } | null;
}

interface ProblemAnswer extends ModuleAnswer {
  readonly code: string;
  readonly detail: string;
  readonly dependents?: readonly string[];
  readonly problems?: readonly { code: string; message: string }[];
}

const BROKEN = { 'index.ts': `throw new Error('no');` };

describeOnBothDatabases('modules that need each other', (makeDatabase) => {
  let host: TestHost;
  let database: DatabaseForHost;
  let written: string[] = [];

  beforeAll(async () => {
    database = await makeDatabase();
    host = await TestHost.start({ env: database.env });
  });
  afterAll(async () => {
    await host.dispose();
    await database.remove();
  });
  beforeEach(async () => {
    for (const name of written) {
      await host.admin('POST', `/modules/${name}/disable?cascade=true`);
      await host.admin('DELETE', `/modules/${name}`);
      await rm(join(host.modulesDir, name), { recursive: true });
    }
    written = [];
    host.log.length = 0;
  });

  const write = async (...modules: WrittenModule[]) => {
    for (const module of modules) {
      await writeModule(host.modulesDir, module);
      if (!written.includes(module.name)) written.push(module.name);
    }
    await host.admin('POST', '/modules/scan');
  };
  /** @param action with a query, where it has one */
  const act = async (action: string, name: string) => {
    return (await host.admin<ProblemAnswer>('POST', `/modules/${name}/${action}`)).body;
  };
  const get = async (name: string) => (await host.admin<ModuleAnswer>('GET', `/modules/${name}`)).body;
  const statuses = (...names: string[]) =>
    Promise.all(names.map(async (name) => [(await get(name)).status, (await get(name)).state].join(' ')));
  /** The lines that modules have logged, such as `b serves`. */
  const lives = () =>
    host.log
      .filter(({ msg }) => /^(begins|serves|goes)$/.test(String(msg)))
      .map(({ module, msg }) => `${String(module)} ${String(msg)}`);

  it('enables all that a module needs first', async () => {
    await write(
      { name: 'aaa', dependencies: { bbb: '^1.0.0' } },
      { name: 'bbb', version: '1.4.0', dependencies: { ccc: '*' } },
      { name: 'ccc' },
    );
    expect(await act('enable', 'aaa')).toMatchObject({ status: 'ENABLED', state: 'active' });
    expect(await statuses('aaa', 'bbb', 'ccc')).toEqual(Array(3).fill('ENABLED active'));
    expect(lives().filter((line) => line.endsWith('begins'))).toEqual(['ccc begins', 'bbb begins', 'aaa begins']);
  });

  it('says all that is missing, and enables nothing', async () => {
    await write(
      { name: 'aaa', dependencies: { bbb: '*', ccc: '^2.0.0', ddd: '*' } },
      { name: 'bbb', dependencies: { eee: '*' } },
      { name: 'ccc', version: '1.4.0' },
    );
    const answer = await host.admin<ProblemAnswer>('POST', '/modules/aaa/enable');
    expect([answer.status, answer.body.code]).toEqual([409, 'DEPENDENCY_MISSING']);
    expect(answer.body.problems?.map(({ code, message }) => [code, message])).toEqual([
      ['DEPENDENCY_MISSING', 'bbb needs eee *, and no module of that name is registered (aaa -> bbb -> eee)'],
      ['DEPENDENCY_VERSION', 'aaa needs ccc ^2.0.0, registered is 1.4.0'],
      ['DEPENDENCY_MISSING', 'aaa needs ddd *, and no module of that name is registered'],
    ]);
    expect(await statuses('aaa', 'bbb', 'ccc')).toEqual(Array(3).fill('REGISTERED idle'));
    expect((await get('aaa')).error).toMatchObject({ code: 'DEPENDENCY_MISSING' });
    expect(lives()).toEqual([]);
  });

  it('takes back what it has enabled where a module fails half-way', async () => {
    await write(
      { name: 'aaa', dependencies: { bbb: '*', ccc: '*' }, files: BROKEN },
      { name: 'bbb', dependencies: { ccc: '*' } },
      { name: 'ccc' },
      { name: 'ddd', dependencies: { ccc: '*', eee: '*' } },
      { name: 'eee', files: BROKEN },
    );
    await act('disable', 'bbb');
    expect(await act('enable', 'aaa')).toMatchObject({ code: 'MODULE_EVALUATION_FAILED' });
    expect(await statuses('aaa', 'bbb', 'ccc')).toEqual(['REGISTERED idle', 'DISABLED idle', 'REGISTERED idle']);
    expect(lives().slice(-2)).toEqual(['bbb goes', 'ccc goes']);

    const failed = await act('enable', 'ddd');
    expect(failed).toMatchObject({ code: 'DEPENDENCY_FAILED', dependency: 'eee' });
    expect(failed.detail).toMatch(/^ddd needs eee, which cannot be enabled: .*threw/);
    expect(await statuses('ccc', 'ddd', 'eee')).toEqual(Array(3).fill('REGISTERED idle'));
    expect((await get('eee')).error).toMatchObject({ code: 'MODULE_EVALUATION_FAILED' });
  });

  it('keeps what was enabled before, or by somebody else meanwhile', async () => {
    await write(
      { name: 'aaa', dependencies: { bbb: '*', ccc: '*' }, files: BROKEN },
      { name: 'bbb' },
      { name: 'ccc' },
      { name: 'ddd', dependencies: { ccc: '*' }, files: { 'index.ts': logsItsLife(100) } },
    );
    await act('enable', 'bbb');
    const [failed, enabled] = await Promise.all([act('enable', 'aaa'), act('enable', 'ddd')]);
    expect([failed.code, enabled.state]).toEqual(['MODULE_EVALUATION_FAILED', 'active']);
    expect(await statuses('aaa', 'bbb', 'ccc', 'ddd')).toEqual([
      'REGISTERED idle',
      'ENABLED active',
      'ENABLED active',
      'ENABLED active',
    ]);
  });

  it('refuses to disable what others need, or takes them along', async () => {
    await write(
      { name: 'aaa', dependencies: { bbb: '*' } },
      { name: 'bbb', dependencies: { ccc: '*' } },
      { name: 'ccc' },
      { name: 'ddd', dependencies: { ccc: '*' } },
    );
    await act('enable', 'aaa');
    const refused = await host.admin<ProblemAnswer>('POST', '/modules/ccc/disable');
    expect([refused.status, refused.body.code, refused.body.dependents]).toEqual([
      409,
      'DEPENDENTS_ENABLED',
      ['aaa', 'bbb'],
    ]);
    expect(await statuses('aaa', 'bbb', 'ccc')).toEqual(Array(3).fill('ENABLED active'));
    const cascaded = await host.admin<ModuleAnswer>('POST', '/modules/ccc/disable?cascade=true');
    expect([cascaded.status, cascaded.body.status]).toEqual([200, 'DISABLED']);
    expect(await statuses('aaa', 'bbb', 'ccc', 'ddd')).toEqual([
      ...Array<string>(3).fill('DISABLED idle'),
      'REGISTERED idle',
    ]);
    expect(lives().slice(-3)).toEqual(['aaa goes', 'bbb goes', 'ccc goes']);
  });

  it('keeps out a version that an enabled module cannot take', async () => {
    await write({ name: 'aaa', dependencies: { bbb: '^1.0.0' } }, { name: 'bbb' });
    await act('enable', 'aaa');
    await write({ name: 'bbb', version: '2.0.0' });
    expect(await act('reload', 'bbb')).toMatchObject({
      code: 'DEPENDENTS_INCOMPATIBLE',
      detail: 'aaa needs bbb ^1.0.0; this is 2.0.0',
      dependents: ['aaa'],
      serving: { version: '1.0.0', generation: 1 },
    });
    expect((await host.request('GET', '/api/v1/m/bbb/version')).body).toEqual({ version: '1.0.0' });
    await write({ name: 'bbb', version: '1.1.0' });
    expect(await act('reload', 'bbb')).toMatchObject({ version: '1.1.0', state: 'active', error: null });
    expect(await statuses('aaa')).toEqual(['ENABLED active']);
  });

  it('enables what the new manifest of a reload needs, and gives it back where the reload fails', async () => {
    await write({ name: 'aaa' }, { name: 'bbb' });
    await act('enable', 'aaa');
    await write({ name: 'aaa', version: '1.1.0', dependencies: { bbb: '*' }, files: BROKEN });
    expect(await act('reload', 'aaa')).toMatchObject({ code: 'MODULE_EVALUATION_FAILED' });
    expect(await statuses('aaa', 'bbb')).toEqual(['ENABLED active', 'REGISTERED idle']);
    await write({ name: 'aaa', version: '1.1.0', dependencies: { bbb: '*' } });
    expect(await act('reload', 'aaa')).toMatchObject({ version: '1.1.0' });
    expect(await statuses('aaa', 'bbb')).toEqual(['ENABLED active', 'ENABLED active']);
    await write({ name: 'bbb', dependencies: { aaa: '*' } });
    expect(await act('reload', 'bbb')).toMatchObject({ code: 'DEPENDENCY_CYCLE' });
  });

  it('does not disable a module under one that is just being enabled', async () => {
    await write(
      { name: 'aaa', dependencies: { ccc: '*' }, files: { 'index.ts': logsItsLife(300) } },
      { name: 'bbb', dependencies: { ccc: '*' } },
      { name: 'ccc' },
    );
    const both = Promise.all([act('enable', 'aaa'), act('enable', 'bbb')]);
    await eventually(() => expect(lives()).toContain('aaa begins'));
    const refused = await act('disable', 'ccc');
    expect(refused).toMatchObject({ code: 'DEPENDENTS_ENABLED' });
    expect(refused.dependents).toContain('aaa');
    expect((await both).map(({ state }) => state)).toEqual(['active', 'active']);
    expect(lives().filter((line) => line === 'ccc begins')).toHaveLength(1);
  });

  it('disables all, also one that is just being enabled, where it is to cascade', async () => {
    await write(
      { name: 'aaa', dependencies: { ccc: '*' }, files: { 'index.ts': logsItsLife(300) } },
      { name: 'bbb', dependencies: { ccc: '*' } },
      { name: 'ccc' },
    );
    await act('enable', 'bbb');
    const enabling = act('enable', 'aaa');
    await eventually(() => expect(lives()).toContain('aaa begins'));
    const cascaded = await host.admin<ModuleAnswer>('POST', '/modules/ccc/disable?cascade=true');
    expect(cascaded.body.status).toBe('DISABLED');
    expect(await enabling).toMatchObject({
      code: 'DEPENDENCY_UNAVAILABLE',
      detail: 'aaa needs ccc, which is DISABLED',
    });
    expect(await statuses('aaa', 'bbb', 'ccc')).toEqual(['REGISTERED idle', 'DISABLED idle', 'DISABLED idle']);
  });

  it('goes on as it began under operations from all sides', async () => {
    await write(
      { name: 'aaa', dependencies: { bbb: '*', ccc: '*' } },
      { name: 'bbb', dependencies: { ccc: '*' } },
      { name: 'ccc' },
    );
    const names = ['aaa', 'bbb', 'ccc'];
    for (let round = 0; round < 5; round++) {
      const calls = names.flatMap((name) => [
        act('enable', name),
        act('reload', name),
        act(round % 2 === 0 ? 'disable' : 'disable?cascade=true', name),
      ]);
      await Promise.all(calls);
      const now = await Promise.all(names.map(get));
      const [a, b, c] = now.map(({ status }) => status === 'ENABLED');
      expect([a && !(b && c), b && !c]).toEqual([false, false]);
      for (const { status, state } of now) expect(state).toBe(status === 'ENABLED' ? 'active' : 'idle');
    }
  });

  it('loads again in the order of needs, and takes down the other way round', async () => {
    await write(
      { name: 'aaa', dependencies: { bbb: '*' } },
      { name: 'bbb', dependencies: { ccc: '*' } },
      { name: 'ccc' },
    );
    await act('enable', 'aaa');
    host.log.length = 0;
    await host.stop();
    expect(lives()).toEqual(['aaa goes', 'bbb goes', 'ccc goes']);
    host.log.length = 0;
    await host.open();
    expect(lives().filter((line) => line.endsWith('begins'))).toEqual(['ccc begins', 'bbb begins', 'aaa begins']);
  });

  it('says who is down where a needed module does not come up, and follows it once it does', async () => {
    await write(
      { name: 'aaa', dependencies: { bbb: '*' } },
      { name: 'bbb', dependencies: { ccc: '*' } },
      { name: 'ccc' },
    );
    await act('enable', 'aaa');
    await host.stop();
    await writeModule(host.modulesDir, { name: 'ccc', files: BROKEN });
    await database.forgetReleases();
    await host.open();
    expect(await statuses('aaa', 'bbb', 'ccc')).toEqual(Array(3).fill('ENABLED failed'));
    expect((await get('bbb')).error).toMatchObject({
      code: 'DEPENDENCY_UNAVAILABLE',
      detail: 'bbb needs ccc, which is failed',
    });
    expect((await get('aaa')).error).toMatchObject({ detail: 'aaa needs bbb, which is failed' });
    await writeModule(host.modulesDir, { name: 'ccc' });
    expect(await act('reload', 'ccc')).toMatchObject({ state: 'active' });
    await eventually(async () => {
      expect(await statuses('aaa', 'bbb')).toEqual(['ENABLED active', 'ENABLED active']);
      expect((await get('aaa')).error).toBeNull();
    });
  });
});
