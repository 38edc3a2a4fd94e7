import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type InjectOptions } from 'fastify';
import { adminApp, AUTHORIZED } from '../../test/support/admin-app.js';
import { FakeJobs } from '../../test/support/fake-jobs.js';
import { FakeLifecycle } from '../../test/support/fake-lifecycle.js';
import { type ApiDocument } from './docs/api-document.service.js';

type Method = NonNullable<InjectOptions['method']>;

describe('AdminModule', () => {
  let app: NestFastifyApplication;
  let routes: { method: Method; url: string }[];
  beforeAll(async () => {
    app = await adminApp([...new FakeLifecycle().providers, new FakeJobs().provider]);
    const { paths } = (await app.inject('/docs-json')).json<ApiDocument>();
    routes = Object.entries(paths)
      .filter(([path]) => path.startsWith('/api/v1/'))
      .flatMap(([path, item]) =>
        Object.keys(item).map((method) => ({
          method: method.toUpperCase(),
          url: path.replace(/\{\w+\}/g, 'x'),
        })),
      );
  });
  afterAll(() => app.close());

  it('has no route for operators that answers without the token', async () => {
    expect(routes.length).toBeGreaterThanOrEqual(10);
    for (const route of routes) {
      const answer = await app.inject(route);
      expect([route, answer.statusCode]).toEqual([route, 401]);
      expect(answer.json()).toMatchObject({ code: 'UNAUTHORIZED' });
    }
  });

  it('answers every failure with a problem that has a code', async () => {
    for (const route of routes) {
      // Its answer never ends.
      if (route.url === '/api/v1/events') continue;
      const answer = await app.inject({ ...route, headers: AUTHORIZED });
      if (answer.statusCode < 400) continue;
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(answer.json()).toMatchObject({ code: expect.any(String), status: answer.statusCode });
      expect(answer.json()).not.toMatchObject({ code: 'INTERNAL_ERROR' });
    }
  });

  it.each([
    ['GET', '/api/v1/modules/x/setting'],
    ['PUT', '/api/v1/modules/x'],
    ['GET', '/api/v1'],
  ] as const)('answers %s %s, which is no route, with a problem once the token is shown', async (method, url) => {
    const answer = await app.inject({ method, url, headers: AUTHORIZED });
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ code: 'ROUTE_NOT_FOUND', detail: `Nothing answers ${method} ${url}` });
  });
});
