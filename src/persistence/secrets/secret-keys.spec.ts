import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDataDir, openTestDatabase, TEST_DATABASE_URL, type TestDatabase } from '../../../test/support/database.js';
import { keyFingerprint, SecretBox } from '../../common/secret-box.js';
import { Job, Module, ModuleSettingsRow, Run } from '../entities/index.js';
import { openSecretKeys, type SecretKeyConfig } from './secret-keys.js';

const KINDS = TEST_DATABASE_URL === undefined ? (['embedded'] as const) : (['embedded', 'postgres'] as const);

describe.each(KINDS)('openSecretKeys on the %s database', (kind) => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await openTestDatabase(kind);
  });
  afterEach(() => test.close());

  const open = (config: Partial<SecretKeyConfig>) =>
    openSecretKeys({ secretKey: undefined, previousSecretKeys: [], dataDir: '', ...config }, test.dataSource, kind);
  const fingerprint = async () => {
    const rows = await test.dataSource.query<{ fingerprint: string }[]>('SELECT fingerprint FROM nestdock.secret_key');
    return rows.map((row) => row.fingerprint);
  };

  /** One secret in each place that has some. */
  async function keepSecrets(key: string): Promise<{ jobId: string; runId: string }> {
    const { manager } = test.dataSource;
    const settings = new SecretBox([key], 'settings', ['hello']);
    const jobs = new SecretBox([key], 'jobs', ['hello', 'tick']);
    await manager.insert(ModuleSettingsRow, {
      module: 'hello',
      values: { token: settings.seal('hunter2', 'token'), days: 3 },
    });
    await manager.insert(Module, { name: 'hello', path: '/hello' });
    const job = await manager.save(Job, {
      module: 'hello',
      key: 'tick',
      name: 'Tick',
      handler: 'tick',
      configOverride: { token: jobs.seal('hunter3', 'token') },
    });
    const run = await manager.save(Run, {
      jobId: job.id,
      module: 'hello',
      trigger: 'manual',
      scheduledAt: new Date(),
      config: { token: jobs.seal('hunter4', 'token') },
    });
    return { jobId: job.id, runId: run.id };
  }

  async function readSecrets(key: string, { jobId, runId }: { jobId: string; runId: string }): Promise<string[]> {
    const { manager } = test.dataSource;
    const row = await manager.findOneByOrFail(ModuleSettingsRow, { module: 'hello' });
    const job = await manager.findOneByOrFail(Job, { id: jobId });
    const run = await manager.findOneByOrFail(Run, { id: runId });
    expect(row.values['days']).toBe(3);
    const settings = new SecretBox([key], 'settings', ['hello']);
    const jobs = new SecretBox([key], 'jobs', ['hello', 'tick']);
    return [
      settings.open(row.values['token'] as never, 'token'),
      jobs.open(job.configOverride?.['token'] as never, 'token'),
      jobs.open(run.config?.['token'] as never, 'token'),
    ];
  }

  it('keeps the fingerprint of the first key, and refuses another once there are secrets', async () => {
    await open({ secretKey: 'first' });
    await keepSecrets('first');
    expect(await fingerprint()).toEqual([keyFingerprint('first')]);
    await open({ secretKey: 'first' });
    await expect(open({ secretKey: 'second' })).rejects.toMatchObject({ code: 'SECRET_KEY_MISMATCH' });
    await expect(open({ secretKey: 'second', previousSecretKeys: ['third'] })).rejects.toMatchObject({
      code: 'SECRET_KEY_MISMATCH',
    });
    expect(await fingerprint()).toEqual([keyFingerprint('first')]);
  });

  it('takes another key for a database without secrets where no other host may have the first', async () => {
    await open({ secretKey: 'first' });
    if (kind === 'embedded') await open({ secretKey: 'second' });
    else await expect(open({ secretKey: 'second' })).rejects.toMatchObject({ code: 'SECRET_KEY_MISMATCH' });
    expect(await fingerprint()).toEqual([keyFingerprint(kind === 'embedded' ? 'second' : 'first')]);
  });

  it('seals everything anew with the new key', async () => {
    await open({ secretKey: 'first' });
    const ids = await keepSecrets('first');
    const { keys, ...report } = await open({ secretKey: 'second', previousSecretKeys: ['zero', 'first'] });
    expect(report).toEqual({ resealed: 3, unreadable: 0 });
    expect(keys.fingerprint).toBe(keyFingerprint('second'));
    expect(await readSecrets('second', ids)).toEqual(['hunter2', 'hunter3', 'hunter4']);
    await open({ secretKey: 'second' });
    await expect(open({ secretKey: 'first' })).rejects.toMatchObject({ code: 'SECRET_KEY_MISMATCH' });
  });

  it('seals anew what a host with the old key has sealed after the change', async () => {
    await open({ secretKey: 'first' });
    await open({ secretKey: 'second', previousSecretKeys: ['first'] });
    const ids = await keepSecrets('first');
    expect(await open({ secretKey: 'second', previousSecretKeys: ['first'] })).toMatchObject({ resealed: 3 });
    expect(await readSecrets('second', ids)).toEqual(['hunter2', 'hunter3', 'hunter4']);
  });

  it('leaves what no key opens as it is, and counts it', async () => {
    await open({ secretKey: 'first' });
    await keepSecrets('lost');
    const report = await open({ secretKey: 'second', previousSecretKeys: ['first'] });
    expect(report).toMatchObject({ resealed: 0, unreadable: 3 });
  });

  it('lets hosts that start at once agree on one key', async () => {
    const outcomes = await Promise.allSettled(['first', 'second'].map((secretKey) => open({ secretKey })));
    const kept = outcomes.filter(({ status }) => status === 'fulfilled');
    expect(kept).toHaveLength(kind === 'embedded' ? 2 : 1);
    expect(await fingerprint()).toHaveLength(1);
  });

  it('makes a key where none is configured, and finds it again', async () => {
    const place = await makeDataDir();
    const { dataDir } = place;
    const { keys } = await open({ dataDir });
    const file = (await readFile(join(dataDir, 'secret-key'), 'utf8')).trim();
    expect(keys.fingerprint).toBe(keyFingerprint(file));
    expect((await open({ dataDir })).keys.fingerprint).toBe(keys.fingerprint);
    await place.remove();
  });
});
