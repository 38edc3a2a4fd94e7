import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { pino } from 'pino';
import { eventually } from '../../test/support/eventually.js';
import { route, type RoutingHost, startRoutingHost } from '../../test/support/routing-host.js';

interface Line {
  readonly module?: string;
  readonly reqId?: string;
  readonly msg: string;
}

const lines: Line[] = [];
let host: RoutingHost;

beforeAll(async () => {
  const loggerInstance = pino({}, { write: (line: string) => lines.push(JSON.parse(line) as Line) });
  const adapter = new FastifyAdapter({ loggerInstance, requestIdHeader: 'x-request-id' });
  host = await startRoutingHost({
    adapter,
    prepare: (app) => {
      app
        .getHttpAdapter()
        .getInstance()
        .addHook('onResponse', async ({ log }: FastifyRequest, reply: FastifyReply) => {
          log.info(`answered ${reply.statusCode}`);
        });
    },
  });
  host.dock('logs', {
    routes: [
      route('logs', {
        path: '/asked',
        handler: ({ log }) => {
          log.info('asked');
          return 'asked';
        },
      }),
    ],
  });
});
afterAll(() => host.app.close());
beforeEach(() => {
  lines.length = 0;
});

async function linesOf(path: string): Promise<Line[]> {
  await fetch(`${host.url}${path}`, { headers: { 'x-request-id': 'of-this' } });
  const own = () => lines.filter(({ reqId }) => reqId === 'of-this');
  // The answer may be here before the host has written its last line.
  await eventually(() => expect(own().at(-1)?.msg).toBe('request completed'));
  return own().map(({ module, msg }) => ({ ...(module && { module }), msg }));
}

test('marks what a module logs of a request, and what the host does', async () => {
  expect(await linesOf('/api/v1/m/logs/asked?of=/other')).toEqual([
    { module: 'logs', msg: 'incoming request' },
    { module: 'logs', msg: 'asked' },
    { module: 'logs', msg: 'answered 200' },
    { module: 'logs', msg: 'request completed' },
  ]);
});

test.each([
  ['/api/v1/m/nobody/asked', 'nobody'],
  ['/api/v1/m/nobody?of=/other', 'nobody'],
])('marks the lines of a module that does not serve: %s', async (path, module) => {
  expect((await linesOf(path)).map((line) => line.module)).toEqual([module, module, module]);
});

test('leaves the lines of other requests alone', async () => {
  expect((await linesOf('/static')).map((line) => line.module)).toEqual([undefined, undefined, undefined]);
});
