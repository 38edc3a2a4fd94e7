import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describeOnBothDatabases, type DatabaseForHost } from './support/both-databases.js';
import { TestHost } from './support/test-host.js';
import { writeModule } from './support/written-modules.js';

interface Answer {
  readonly code?: string;
  readonly state: string;
  readonly problems?: readonly { code: string; message: string; pointer: string }[];
  readonly error: Answer | null;
}

const TOO_NEW = { code: 'MANIFEST_HOST_INCOMPATIBLE', pointer: '/engines/nestdock' };

describeOnBothDatabases('a module for another host', (makeDatabase) => {
  let host: TestHost;
  let database: DatabaseForHost;
  let trace: string;

  beforeAll(async () => {
    database = await makeDatabase();
    host = await TestHost.start({ env: database.env });
    trace = join(host.dataDir, 'was-evaluated');
  });
  afterAll(async () => {
    await host.dispose();
    await database.remove();
  });

  /** Leaves a file behind as soon as its code is evaluated. */
  const write = async (nestdock: string) => {
    await writeModule(host.modulesDir, {
      name: 'picky',
      manifest: { engines: { nestdock } },
      files: {
        'index.ts': `
          import { writeFileSync } from 'node:fs';
          writeFileSync(${JSON.stringify(trace)}, '');
          export default async () => undefined;`,
      },
    });
    await host.admin('POST', '/modules/scan');
  };
  const act = async (action: string) => (await host.admin<Answer>('POST', `/modules/picky/${action}`)).body;
  const get = async () => (await host.admin<Answer>('GET', '/modules/picky')).body;

  it('is refused before any of its code runs', async () => {
    await write('^9.0.0');
    expect((await get()).error).toMatchObject({ code: 'MANIFEST_INVALID', problems: [TOO_NEW] });
    expect(await act('enable')).toMatchObject({ code: 'MANIFEST_INVALID', problems: [TOO_NEW] });
    expect(existsSync(trace)).toBe(false);
  });

  it('is refused as what another one needs, too', async () => {
    await writeModule(host.modulesDir, { name: 'needs-picky', dependencies: { picky: '*' } });
    await host.admin('POST', '/modules/scan');
    const { body } = await host.admin<Answer>('POST', '/modules/needs-picky/enable');
    expect(body).toMatchObject({ code: 'DEPENDENCY_MISSING', problems: [{ code: 'DEPENDENCY_MISSING' }] });
    expect(existsSync(trace)).toBe(false);
  });

  it('is refused at a reload and at a start, where it was for this host before', async () => {
    await write('>=0.1.0');
    expect((await act('enable')).state).toBe('active');
    expect(existsSync(trace)).toBe(true);
    rmSync(trace);
    await write('^9.0.0');
    expect(await act('reload')).toMatchObject({ code: 'MANIFEST_INVALID', serving: { version: '1.0.0' } });
    await host.stop();
    await database.forgetReleases();
    await host.open();
    expect(await get()).toMatchObject({ state: 'failed', error: { code: 'MANIFEST_INVALID', problems: [TOO_NEW] } });
    expect(existsSync(trace)).toBe(false);
  });
});
