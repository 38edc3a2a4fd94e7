import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeOnBothDatabases, type DatabaseForHost } from './support/both-databases.js';
import { TestHost } from './support/test-host.js';
import { logsItsLife, writeModule } from './support/written-modules.js';

const SIZE = 30;
const nameOf = (index: number): string => `link-${String(index).padStart(2, '0')}`;
const NAMES = Array.from({ length: SIZE }, (_, index) => nameOf(index));

/**
 * Links 0 to 14 are a chain, each needing the next. Links 15 to 28 stand side by side on the last one, link 29, and
 * link 14 needs them all.
 */
const SIBLINGS = NAMES.slice(15, 29);

function needsOf(index: number): string[] {
  if (index < 14) return [nameOf(index + 1)];
  if (index === 14) return SIBLINGS;
  return index < 29 ? [nameOf(29)] : [];
}

const NEEDS = new Map(NAMES.map((name, index) => [name, needsOf(index)]));

/** It is tried again from time to time. */
const NOT_UP = expect.stringMatching(/^(failed|loading)$/) as unknown;

interface Answer {
  readonly state: string;
  readonly code?: string;
  readonly problems?: readonly { readonly message: string }[];
  readonly error: { readonly code: string; readonly detail: string } | null;
}

describeOnBothDatabases('a chain of thirty modules', (makeDatabase) => {
  let host: TestHost;
  let database: DatabaseForHost;

  beforeAll(async () => {
    database = await makeDatabase();
    host = await TestHost.start({ env: database.env });
    for (const name of NAMES) await write(name);
    await host.admin('POST', '/modules/scan');
  });
  afterAll(async () => {
    await host.dispose();
    await database.remove();
  });

  const write = (name: string, needs = NEEDS.get(name) ?? []) =>
    writeModule(host.modulesDir, {
      name,
      dependencies: Object.fromEntries(needs.map((needed) => [needed, '^1.0.0'])),
      files: { 'index.ts': logsItsLife(SIBLINGS.includes(name) ? 250 : 1) },
    });
  const get = async (name: string) => (await host.admin<Answer>('GET', `/modules/${name}`)).body;
  const lineOf = (name: string, message: string) =>
    host.log.findIndex(({ module, msg }) => module === name && msg === message);

  function expectOrderOfNeeds(): void {
    for (const [name, needs] of NEEDS) {
      const begins = lineOf(name, 'begins');
      expect(begins).toBeGreaterThanOrEqual(0);
      for (const needed of needs) expect(lineOf(needed, 'serves')).toBeLessThan(begins);
      for (const needed of needs)
        expect(host.log.findIndex((line) => line.msg === `${needed} is active`)).toBeLessThan(begins);
    }
  }

  /** How many of the fourteen that do not need each other were being loaded at once. */
  function mostAtOnce(): number {
    let now = 0;
    let most = 0;
    for (const { module, msg } of host.log) {
      if (!SIBLINGS.includes(String(module))) continue;
      if (msg === 'begins') most = Math.max(most, ++now);
      if (msg === 'serves') now--;
    }
    return most;
  }

  it('is enabled by one call, in the order of needs and side by side where it can be', async () => {
    const { status, body } = await host.admin<Answer>('POST', `/modules/${nameOf(0)}/enable`);
    expect([status, body.state]).toEqual([200, 'active']);
    for (const name of NAMES) expect((await get(name)).state).toBe('active');
    expectOrderOfNeeds();
    expect(mostAtOnce()).toBeGreaterThan(3);
  });

  it('comes up again in the same order at a restart', async () => {
    await host.stop();
    host.log.length = 0;
    await host.open();
    for (const name of NAMES) expect(await get(name)).toMatchObject({ state: 'active', error: null });
    expectOrderOfNeeds();
    expect(mostAtOnce()).toBeGreaterThan(3);
  });

  it('names a circle on each module that stands in it, and loads what does not need them', async () => {
    await host.stop();
    await write(nameOf(12), [nameOf(13)]);
    await write(nameOf(14), [nameOf(12), ...needsOf(14)]);
    await database.forgetReleases();
    await host.open();
    const circle = [nameOf(12), nameOf(13), nameOf(14), nameOf(12)].join(' -> ');
    for (const index of [12, 13, 14]) {
      expect(await get(nameOf(index))).toMatchObject({
        state: NOT_UP,
        error: { code: 'DEPENDENCY_CYCLE', detail: expect.stringContaining(circle) as unknown },
      });
    }
    for (const name of NAMES.slice(0, 12)) {
      expect((await get(name)).error).toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
    }
    expect((await get(nameOf(11))).error?.detail).toMatch(/^link-11 needs link-12, which is (failed|loading)$/);
    for (const name of NAMES.slice(15)) expect(await get(name)).toMatchObject({ state: 'active', error: null });
  });

  it('refuses to enable a circle, and enables nothing of it', async () => {
    await host.admin('POST', `/modules/${nameOf(29)}/disable?cascade=true`);
    for (const name of NAMES) expect(await get(name)).toMatchObject({ state: 'idle', status: 'DISABLED' });
    const { status, body } = await host.admin<Answer>('POST', `/modules/${nameOf(0)}/enable`);
    expect([status, body.code]).toEqual([409, 'DEPENDENCY_CYCLE']);
    expect(body.problems?.map(({ message }) => message)).toEqual([
      'modules need each other in a circle: link-12 -> link-13 -> link-14 -> link-12',
    ]);
    for (const name of NAMES) expect((await get(name)).state).toBe('idle');
  });
});
