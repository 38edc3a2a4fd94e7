import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { adminApp, AUTHORIZED } from '../../../test/support/admin-app.js';
import { FakeJobs } from '../../../test/support/fake-jobs.js';
import { FakeLifecycle } from '../../../test/support/fake-lifecycle.js';
import { ModuleLoaderService, ModuleMaintenance } from '../../lifecycle/index.js';
import { ModuleMigrations } from '../../migrations/index.js';

describe('MigrationsController', () => {
  const calls: unknown[] = [];
  const lifecycle = new FakeLifecycle();
  lifecycle.add('hello');
  const record =
    (call: string, answer?: unknown) =>
    async (...args: unknown[]) => {
      calls.push([call, ...args.filter((arg) => typeof arg !== 'object' || arg === null)]);
      return answer;
    };
  let app: NestFastifyApplication;
  beforeAll(async () => {
    const migrations = {
      list: record('list', [{ name: '001_a' }]),
      rollBack: record('rollBack'),
      resolve: record('resolve'),
    };
    const work = (name: string, operation: string, ...rest: unknown[]) => {
      calls.push([name, operation]);
      return (rest.at(-1) as (generation: object) => unknown)({});
    };
    app = await adminApp([
      ...lifecycle.providers,
      new FakeJobs().provider,
      { provide: ModuleMigrations, useValue: migrations },
      { provide: ModuleMaintenance, useValue: { release: async () => ({}), whileDisabled: work } },
      { provide: ModuleLoaderService, useValue: { exclusively: work } },
    ]);
  });
  afterAll(() => app.close());
  beforeEach(() => void calls.splice(0));

  const post = (path: string, payload?: object) =>
    app.inject({
      method: 'POST',
      url: `/api/v1/modules/hello/migrations/${path}`,
      headers: AUTHORIZED,
      ...(payload && { payload }),
    });

  it('lists', async () => {
    const answer = await app.inject({ method: 'GET', url: '/api/v1/modules/hello/migrations', headers: AUTHORIZED });
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { items: [{ name: '001_a' }], total: 1, nextCursor: null },
    ]);
  });

  it.each([
    ['001_a', '001_a'],
    [null, null],
    ['0', null],
  ])('rolls back to %j', async (to, kept) => {
    const answer = await post('rollback', { to });
    expect([answer.statusCode, answer.json()]).toMatchObject([200, { total: 1 }]);
    expect(calls).toEqual([['hello', `roll back to ${kept}`], ['rollBack', kept], ['list']]);
  });

  it('resolves', async () => {
    expect((await post('resolve', { migration: '001_a', as: 'pending' })).statusCode).toBe(200);
    expect(calls).toEqual([['hello', 'resolve 001_a as pending'], ['resolve', 'hello', '001_a', 'pending'], ['list']]);
  });

  it('resolves nothing of a module that nobody knows', async () => {
    const url = '/api/v1/modules/nobody/migrations/resolve';
    const payload = { migration: '001_a', as: 'done' };
    const answer = await app.inject({ method: 'POST', url, headers: AUTHORIZED, payload });
    expect(answer.json()).toMatchObject({ code: 'MODULE_NOT_FOUND' });
    expect(calls).toEqual([['nobody', 'resolve 001_a as done']]);
  });

  it.each<[string, object | undefined, string]>([
    ['rollback', undefined, '/to'],
    ['rollback', {}, '/to'],
    ['rollback', { to: 1 }, '/to'],
    ['rollback', { to: '' }, '/to'],
    ['rollback', { to: "'; --" }, '/to'],
    ['rollback', { to: null, force: true }, '/force'],
    ['resolve', { as: 'done' }, '/migration'],
    ['resolve', { migration: '001_a', as: 'applying' }, '/as'],
  ])('refuses to %s %j', async (path, body, pointer) => {
    const answer = await post(path, body);
    expect(answer.json()).toMatchObject({ code: 'REQUEST_INVALID', problems: [{ pointer }] });
    expect(calls).toEqual([]);
  });
});
