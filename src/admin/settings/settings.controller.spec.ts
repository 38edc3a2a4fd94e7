import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { adminApp, AUTHORIZED } from '../../../test/support/admin-app.js';
import { FakeJobs } from '../../../test/support/fake-jobs.js';
import { FakeLifecycle } from '../../../test/support/fake-lifecycle.js';
import { FakeSettings } from '../../../test/support/fake-settings.js';

const URL = '/api/v1/modules/hello/settings';

describe('SettingsController', () => {
  const settings = new FakeSettings();
  const lifecycle = new FakeLifecycle();
  let app: NestFastifyApplication;
  beforeAll(async () => {
    app = await adminApp([...lifecycle.providers, new FakeJobs().provider, settings.provider]);
  });
  afterAll(() => app.close());
  beforeEach(() => void settings.calls.splice(0));

  const put = (payload: unknown, headers: Record<string, string> = {}) =>
    app.inject({ method: 'PUT', url: URL, headers: { ...AUTHORIZED, ...headers }, payload: payload as object });

  it('shows values, schema and revision, which is the ETag', async () => {
    const answer = await app.inject({ url: URL, headers: AUTHORIZED });
    expect(answer.json()).toMatchObject({ values: { days: 7 }, schema: { type: 'object' }, revision: 7 });
    expect(answer.headers['etag']).toBe('"7"');
    expect((await app.inject({ url: URL })).statusCode).toBe(401);
    expect((await app.inject({ url: URL.replace('hello', 'other'), headers: AUTHORIZED })).statusCode).toBe(404);
  });

  it('hands on what is sent as it is, with who sent it', async () => {
    const answer = await put({ days: 9, token: null, more: { a: [1] } }, { 'if-match': '"7"' });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['etag']).toBe('"8"');
    const author = { by: 'admin', requestId: expect.any(String), address: '127.0.0.1' };
    expect(settings.calls).toEqual([['change', { days: 9, token: null, more: { a: [1] } }, author, 7]]);
    await put({ days: 9 }, { 'if-match': '*' });
    expect(settings.calls.at(-1)?.[3]).toBeUndefined();
  });

  it('waits for all hosts where that is asked for', async () => {
    const answer = await app.inject({
      method: 'PUT',
      url: `${URL}?wait=cluster`,
      headers: AUTHORIZED,
      payload: { days: 9 },
    });
    expect(answer.statusCode).toBe(200);
    expect(lifecycle.calls).toEqual(['settings converged hello 8']);
  });

  it.each([[[]], [[{ days: 1 }]], ['"text"'], ['7']])('refuses the body %j', async (payload) => {
    const answer = await put(payload, { 'content-type': 'application/json' });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'REQUEST_INVALID' });
    expect(settings.calls).toEqual([]);
  });

  it.each(['7', 'W/"7"', '"seven"', '"7", "8"'])('refuses If-Match: %s', async (ifMatch) => {
    const answer = await put({ days: 1 }, { 'if-match': ifMatch });
    expect(answer.json()).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    expect(settings.calls).toEqual([]);
  });

  it('lists the history by pages', async () => {
    const answer = await app.inject({ url: `${URL}/history?limit=1&cursor=8`, headers: AUTHORIZED });
    expect(answer.json()).toMatchObject({ items: [{ revision: 7, changedBy: 'admin' }], total: 9, nextCursor: '7' });
    expect(settings.calls).toEqual([['history', { limit: 1, cursor: '8' }]]);
    expect((await app.inject({ url: `${URL}/history?limit=0`, headers: AUTHORIZED })).statusCode).toBe(400);
  });
});
