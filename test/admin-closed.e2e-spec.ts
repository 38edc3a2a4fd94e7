import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { TestHost } from './support/test-host.js';

let host: TestHost;
beforeAll(async () => {
  host = await TestHost.start({ modules: ['hello'] });
  await host.admin('POST', '/modules/hello/enable');
});
afterAll(() => host.dispose());

it('answers nothing under /api/v1 but the modules without the token', async () => {
  const { body } = await host.request<{ paths: Record<string, Record<string, unknown>> }>('GET', '/docs-json');
  const routes = Object.entries(body.paths)
    .filter(([path]) => path.startsWith('/api/v1/') && !path.startsWith('/api/v1/m/'))
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => [method.toUpperCase(), path] as const));
  expect(routes.length).toBeGreaterThan(10);
  for (const [method, path] of routes) {
    const url = path.replaceAll(/\{\w+\}/g, 'hello');
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: 'Basic eDp5' }] as Record<
      string,
      string
    >[]) {
      const { status, body: problem } = await host.request(method, url, undefined, headers);
      expect([method, url, status, problem.code]).toEqual([method, url, 401, 'UNAUTHORIZED']);
    }
  }
  expect((await host.request('GET', '/api/v1/m/hello/greet/you')).status).toBe(200);
});
