import { afterEach, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import { describeOnPostgres, makePostgresDatabase, type TestPlace } from './support/database.js';
import { eventually } from './support/eventually.js';
import { HostProcess } from './support/host-process.js';

interface Size {
  readonly size: number;
  /** What its listener was told. */
  readonly told: number[];
}

/** Milliseconds in which a change on one host has to reach a module on another. */
const WITHIN_MS = 1_000;

describeOnPostgres('settings on two hosts', () => {
  let place: TestPlace;
  const hosts: HostProcess[] = [];

  beforeEach(async () => {
    place = await makePostgresDatabase();
  });
  afterEach(async () => {
    await Promise.all(hosts.splice(0).map((host) => host.dispose()));
    await place.remove();
  });

  /** The first enables the module; the other finds it enabled. */
  async function startHosts(): Promise<[HostProcess, HostProcess]> {
    const first = await HostProcess.start({ modules: ['settings-plugin'], env: place.env });
    hosts.push(first);
    await first.admin('POST', '/modules/settings-plugin/enable');
    const second = await HostProcess.start({ env: { ...place.env, MODULES_DIR: first.modulesDir } });
    hosts.push(second);
    return [first, second];
  }

  const sizeOn = async (host: HostProcess) =>
    (await (await fetch(`${host.url}/api/v1/m/settings-plugin/size`)).json()) as Size;
  const put = (host: HostProcess, values: object) => host.admin('PUT', '/modules/settings-plugin/settings', values);

  it('reach the module on the other host within a second, and its listener', async () => {
    const [first, second] = await startHosts();
    for (let size = 2; size < 7; size++) {
      const [from, to] = size % 2 === 0 ? [first, second] : [second, first];
      expect((await put(from, { size })).status).toBe(200);
      expect(await sizeOn(from)).toMatchObject({ size });
      await eventually(async () => expect(await sizeOn(to)).toMatchObject({ size }), WITHIN_MS);
    }
    for (const host of [first, second]) expect((await sizeOn(host)).told).toEqual([2, 3, 4, 5, 6]);
  }, 120_000);

  it('change one after the other, wherever they are changed', async () => {
    const [first, second] = await startHosts();
    const changes = Array.from({ length: 10 }, (_none, index) => ({ size: index + 2 }));
    const answers = await Promise.all(changes.map((change, index) => put(index % 2 ? first : second, change)));
    expect(answers.map(({ body }) => body['revision']).sort((a, b) => Number(a) - Number(b))).toEqual(
      changes.map((_change, index) => index + 1),
    );
    const { body } = await first.admin<{ values: { size: number } }>('GET', '/modules/settings-plugin/settings');
    for (const host of [first, second]) {
      await eventually(async () => expect(await sizeOn(host)).toMatchObject({ size: body.values.size }), WITHIN_MS);
    }
  }, 120_000);

  it('are caught up with where a notice is lost', async () => {
    const [first, second] = await startHosts();
    const client = new pg.Client({ connectionString: place.env['DATABASE_URL'] });
    await client.connect();
    const { rowCount } = await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND query = 'LISTEN "nestdock_settings"'`,
    );
    expect(rowCount).toBe(2);
    await client.end();
    await put(first, { size: 9 });
    await eventually(async () => expect(await sizeOn(second)).toMatchObject({ size: 9 }), 10_000);
    await put(first, { size: 10 });
    await eventually(async () => expect(await sizeOn(second)).toMatchObject({ size: 10 }), WITHIN_MS);
  }, 120_000);

  it('keep their secrets readable while the key is changed, one host after the other', async () => {
    const [first, second] = await startHosts();
    const digestOn = async (host: HostProcess) => (await fetch(`${host.url}/api/v1/m/settings-plugin/digest`)).text();
    await put(first, { apiKey: 'an old secret' });
    const digest = await digestOn(first);
    const restart = async (host: HostProcess, env: Record<string, string>) => {
      await host.terminate();
      await host.restart(env);
      expect(await digestOn(host)).toBe(digest);
    };
    const old = place.env['SECRET_KEY'] ?? '';
    for (const host of [first, second]) await restart(host, { SECRET_KEY: old, SECRET_KEY_PREVIOUS: 'a-new-key' });
    await restart(first, { SECRET_KEY: 'a-new-key', SECRET_KEY_PREVIOUS: old });
    // The second seals with the old key still, and both read what either has sealed.
    await put(second, { apiKey: 'another secret' });
    await eventually(async () => expect(await digestOn(first)).toBe(await digestOn(second)), WITHIN_MS);
    await put(first, { apiKey: 'an old secret' });
    await eventually(async () => expect(await digestOn(second)).toBe(digest), WITHIN_MS);
    await restart(second, { SECRET_KEY: 'a-new-key', SECRET_KEY_PREVIOUS: old });
    for (const host of [first, second]) await restart(host, { SECRET_KEY: 'a-new-key', SECRET_KEY_PREVIOUS: '' });
    await first.terminate();
    await expect(first.restart({ SECRET_KEY: old })).rejects.toThrow('sealed with another key');
  }, 300_000);
});
