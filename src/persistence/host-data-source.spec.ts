import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openTestDatabase, TEST_DATABASE_URL, type TestDatabase } from '../../test/support/database.js';
import { Job, Module, Run } from './index.js';

const KINDS = TEST_DATABASE_URL === undefined ? (['embedded'] as const) : (['embedded', 'postgres'] as const);
if (TEST_DATABASE_URL === undefined) console.info('TEST_DATABASE_URL is not set: the tests on PostgreSQL are skipped');

describe.each(KINDS)("the host's data source, %s", (kind) => {
  let test: TestDatabase;

  beforeAll(async () => {
    test = await openTestDatabase(kind);
  });

  afterAll(() => test.close());

  it('has migrations that make what the entities describe', async () => {
    const { upQueries } = await test.dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('keeps modules, jobs and runs', async () => {
    const { manager } = test.dataSource;
    await manager.insert(Module, { name: 'hello', version: '1.0.0', path: '/m/hello', manifest: null, error: null });
    const job = await manager.save(
      manager.create(Job, { module: 'hello', key: 'greet', name: 'Greet', handler: './a' }),
    );
    const scheduledAt = new Date('2026-01-02T03:04:05.678Z');
    const run = await manager.save(
      manager.create(Run, { jobId: job.id, module: 'hello', trigger: 'schedule', scheduledAt, result: [1, 'two'] }),
    );

    expect(await manager.findOneByOrFail(Module, { name: 'hello' })).toMatchObject({
      status: 'REGISTERED',
      revision: 1,
    });
    expect(await manager.findOneByOrFail(Job, { id: job.id })).toMatchObject({
      timeout: 300_000,
      retries: 3,
      backoff: { type: 'exponential', delay: 1000 },
      enabled: true,
      scheduleOverride: null,
      nextRunAt: null,
    });
    expect(await manager.findOneByOrFail(Run, { id: run.id })).toMatchObject({
      status: 'queued',
      scheduledAt,
      attempts: [],
      log: [],
      result: [1, 'two'],
    });

    const again = { jobId: job.id, module: 'hello', scheduledAt };
    await expect(manager.insert(Run, { ...again, trigger: 'catch-up' })).rejects.toMatchObject({ code: '23505' });
    await manager.insert(Run, { ...again, trigger: 'manual' });

    await manager.delete(Module, { name: 'hello' });
    expect(await manager.count(Run)).toBe(2);
    await manager.delete(Job, { id: job.id });
    expect(await manager.count(Run)).toBe(0);
  });
});
