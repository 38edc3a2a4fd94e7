import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type InjectOptions } from 'fastify';
import { adminApp, AUTHORIZED } from '../../../test/support/admin-app.js';
import { FakeJobs, JOB_ID, RUN_ID } from '../../../test/support/fake-jobs.js';
import { FakeLifecycle } from '../../../test/support/fake-lifecycle.js';

describe('the routes of jobs and runs', () => {
  const jobs = new FakeJobs();
  let app: NestFastifyApplication;
  beforeAll(async () => {
    app = await adminApp([...new FakeLifecycle().providers, jobs.provider]);
  });
  afterAll(() => app.close());
  beforeEach(() => {
    jobs.calls.length = 0;
  });

  type Method = NonNullable<InjectOptions['method']>;
  const ask = (method: Method, path: string, payload?: object) =>
    app.inject({ method, url: `/api/v1${path}`, headers: AUTHORIZED, ...(payload && { payload }) });

  it('lists jobs, of one module where it is named', async () => {
    expect((await ask('GET', '/jobs')).json()).toMatchObject({ items: [{ key: 'tick' }], total: 1, nextCursor: null });
    await ask('GET', '/jobs?module=hello');
    expect(jobs.calls).toEqual([
      ['list', {}],
      ['list', { module: 'hello' }],
    ]);
    expect((await ask('GET', '/jobs?module=a%00')).json()).toMatchObject({ problems: [{ pointer: '/module' }] });
  });

  it.each([
    [{ paused: true }],
    [{ paused: false, schedule: '* * * * *', timezone: 'UTC', config: { deep: { list: [1, null, 'a'] } } }],
    [{ schedule: null, timezone: null, config: null }],
    [{ config: { batchSize: null } }],
    [{}],
  ])('patches with %j as it is given', async (patch) => {
    const answer = await ask('PATCH', `/jobs/${JOB_ID}`, patch);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ id: JOB_ID });
    expect(jobs.calls).toEqual([['patch', patch]]);
  });

  it.each([
    [{ paused: 'yes' }, '/paused'],
    [{ paused: null }, '/paused'],
    [{ schedule: 5 }, '/schedule'],
    [{ schedule: '' }, '/schedule'],
    [{ timezone: {} }, '/timezone'],
    [{ config: [1] }, '/config'],
    [{ config: 'x' }, '/config'],
    [{ enabled: false }, '/enabled'],
  ])('refuses to patch with %j', async (patch, pointer) => {
    const answer = await ask('PATCH', `/jobs/${JOB_ID}`, patch);
    expect(answer.json()).toMatchObject({ status: 400, code: 'REQUEST_INVALID', problems: [{ pointer }] });
    expect(jobs.calls).toEqual([]);
  });

  it('pauses all jobs of a module, which must be named', async () => {
    const answer = await ask('PATCH', '/jobs?module=hello', { paused: true });
    expect([answer.statusCode, answer.json()]).toMatchObject([200, { items: [{ module: 'hello' }] }]);
    expect(jobs.calls).toEqual([['patchModule', 'hello', { paused: true }]]);
    expect((await ask('PATCH', '/jobs', { paused: true })).json()).toMatchObject({
      problems: [{ pointer: '/module' }],
    });
    for (const body of [{}, { paused: null }, { paused: true, schedule: '* * * * *' }]) {
      expect((await ask('PATCH', '/jobs?module=hello', body)).statusCode).toBe(400);
    }
  });

  it('lists the next fire times', async () => {
    expect((await ask('GET', `/jobs/${JOB_ID}/next?count=3`)).json()).toMatchObject({ items: [expect.any(String)] });
    expect(jobs.calls).toEqual([['next', { count: 3 }]]);
    expect((await ask('GET', `/jobs/${JOB_ID}/next?count=0`)).json()).toMatchObject({
      problems: [{ pointer: '/count' }],
    });
  });

  it('searches runs', async () => {
    const query =
      'module=hello&job=tick&status=dead,timed-out&status=skipped&trigger=retry&from=2026-01-01&to=2026-02-01T00:00:00Z&limit=5&cursor=abc';
    expect((await ask('GET', `/runs?${query}`)).json()).toMatchObject({ items: [{ id: RUN_ID }], nextCursor: 'next' });
    await ask('GET', '/runs');
    expect(jobs.calls).toEqual([
      [
        'searchRuns',
        {
          module: 'hello',
          job: 'tick',
          status: ['dead', 'timed-out', 'skipped'],
          trigger: ['retry'],
          from: new Date('2026-01-01'),
          to: new Date('2026-02-01'),
          limit: 5,
          cursor: 'abc',
        },
      ],
      ['searchRuns', {}],
    ]);
  });

  it.each([
    ['status=gone', '/status'],
    ['status=', '/status'],
    ['trigger=schedule,by-hand', '/trigger'],
    ['from=yesterday', '/from'],
    ['to=2026-13-01', '/to'],
    ['limit=0', '/limit'],
    ['module=', '/module'],
    ['sort=asc', '/sort'],
  ])('refuses to search runs by %s', async (query, pointer) => {
    expect((await ask('GET', `/runs?${query}`)).json()).toMatchObject({ status: 400, problems: [{ pointer }] });
  });

  it('repeats a run', async () => {
    const answer = await ask('POST', `/runs/${RUN_ID}/retry`);
    expect([answer.statusCode, answer.json()]).toMatchObject([202, { trigger: 'retry', retryOf: RUN_ID }]);
  });

  it('runs a job now, with a config or without a body', async () => {
    const answer = await ask('POST', `/jobs/${JOB_ID}/run`, { config: { batchSize: 3 } });
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toMatchObject({ id: RUN_ID, status: 'queued' });
    expect((await ask('POST', `/jobs/${JOB_ID}/run`)).statusCode).toBe(202);
    const empty = await app.inject({
      method: 'POST',
      url: `/api/v1/jobs/${JOB_ID}/run`,
      headers: { ...AUTHORIZED, 'content-type': 'application/json' },
      payload: 'null',
    });
    expect(empty.statusCode).toBe(202);
    expect(jobs.calls).toEqual([
      ['run', { config: { batchSize: 3 } }],
      ['run', {}],
      ['run', {}],
    ]);
    expect((await ask('POST', `/jobs/${JOB_ID}/run`, { batchSize: 3 })).json()).toMatchObject({
      problems: [{ code: 'FIELD_UNKNOWN', pointer: '/batchSize' }],
    });
  });

  it('pages through runs', async () => {
    const answer = await ask('GET', `/jobs/${JOB_ID}/runs?limit=1&cursor=abc`);
    expect(answer.json()).toMatchObject({ items: [{ id: RUN_ID }], total: 9, nextCursor: 'next' });
    await ask('GET', `/jobs/${JOB_ID}/runs`);
    expect(jobs.calls).toEqual([
      ['runs', { limit: 1, cursor: 'abc' }],
      ['runs', {}],
    ]);
  });

  it.each(['0', '501', '1.5', 'ten', ''])('refuses %p as a limit', async (limit) => {
    expect((await ask('GET', `/jobs/${JOB_ID}/runs?limit=${limit}`)).json()).toMatchObject({
      status: 400,
      problems: [{ pointer: '/limit' }],
    });
  });

  it('shows and cancels a run', async () => {
    expect((await ask('GET', `/runs/${RUN_ID}`)).json()).toMatchObject({ id: RUN_ID, attempts: [], log: [] });
    const answer = await ask('POST', `/runs/${RUN_ID}/cancel`);
    expect([answer.statusCode, answer.json()]).toMatchObject([200, { status: 'cancelled' }]);
  });

  it.each([
    ['GET', '/jobs/nothing', 'JOB_NOT_FOUND'],
    ['PATCH', '/jobs/nothing', 'JOB_NOT_FOUND'],
    ['POST', '/jobs/nothing/run', 'JOB_NOT_FOUND'],
    ['GET', '/jobs/nothing/runs', 'JOB_NOT_FOUND'],
    ['GET', '/jobs/nothing/next', 'JOB_NOT_FOUND'],
    ['GET', '/runs/nothing', 'RUN_NOT_FOUND'],
    ['POST', '/runs/nothing/retry', 'RUN_NOT_FOUND'],
    ['POST', '/runs/nothing/cancel', 'RUN_NOT_FOUND'],
  ] as const)('answers %s %s with 404', async (method, path, code) => {
    const answer = await ask(method, path, method === 'PATCH' ? {} : undefined);
    expect(answer.json()).toMatchObject({ code, status: 404 });
  });
});
