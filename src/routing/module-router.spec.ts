import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { route, type RoutingHost, startRoutingHost } from '../../test/support/routing-host.js';

let host: RoutingHost;

beforeAll(async () => {
  host = await startRoutingHost();
});

afterAll(() => host.app.close());

const get = (path: string, init?: RequestInit) => fetch(host.url + path, init);

describe('dispatch', () => {
  test('a docked route answers with its parameters', async () => {
    const docked = host.dock('hello', {
      routes: [route('hello', { path: '/greet/:who', handler: ({ params, query }) => ({ params, query }) })],
    });
    const response = await get('/api/v1/m/hello/greet/W%C3%B6rld%2F1?a=1&a=2');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ params: { who: 'Wörld/1' }, query: { a: ['1', '2'] } });
    expect(docked.generation.inFlight.requests).toBe(0);
  });
});
