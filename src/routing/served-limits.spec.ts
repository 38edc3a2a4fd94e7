import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { beginsIn, route, type RoutingHost, startRoutingHost } from '../../test/support/routing-host.js';
import { type RequestSurface, type RouteEntryHandler } from '../kernel/index.js';

const NAME = 'limited';
const PREFIX = `/api/v1/m/${NAME}`;
const TIMEOUT_MS = 100;

const context = new AsyncLocalStorage<string>();
let host: RoutingHost;
let socket: Socket;
let answered: string;

beforeEach(async () => {
  host = await startRoutingHost({
    prepare: (app) => {
      const fastify = app.getHttpAdapter().getInstance();
      fastify.addHook('onRequest', (request, _reply, done) => context.run(request.url, done));
      fastify.addHook('onRequest', async ({ headers }) => {
        if (headers['x-wait']) await sleep(50);
      });
    },
  });
  answered = '';
  socket = connect(host.port, '127.0.0.1');
  socket.on('data', (data) => (answered += String(data)));
  await once(socket, 'connect');
});

afterEach(async () => {
  socket.destroy();
  await host.app.close();
});

function send(line: string, headers: readonly string[] = [], body = ''): void {
  const [method, path] = line.split(' ');
  socket.write([`${method} ${PREFIX}${path} HTTP/1.1`, 'host: x', ...headers, '', body].join('\r\n'));
}

async function received(text: string): Promise<string> {
  while (!answered.includes(text)) await once(socket, 'data');
  return answered;
}

const surface = (handler: RouteEntryHandler): RequestSurface => ({
  routes: ['GET', 'POST'].map((method) => route(NAME, { method: method as 'GET', path: '/a', handler })),
});
const forever = () => new Promise<never>(() => undefined);

/** A function to call, and a promise that is kept then. */
function signal() {
  let fire = (): void => undefined;
  const promise = new Promise<void>((resolve) => (fire = resolve));
  return { promise, fire };
}

describe('the deadline', () => {
  test('does not count the time in which the client sends its body', async () => {
    const { generation } = host.dock(
      NAME,
      surface(({ body }) => body),
      { requestTimeoutMs: TIMEOUT_MS },
    );
    const begun = beginsIn(generation.inFlight);
    send('POST /a', ['content-type: application/json', 'content-length: 9'], '{"a":');
    await begun;
    await sleep(3 * TIMEOUT_MS);
    expect(answered).toBe('');
    socket.write('"b"}');
    expect(await received('{"a":"b"}')).toContain(' 200 ');
  });

  test('counts where the module does not read the body', async () => {
    const plugin = { routes: [], listener: () => undefined };
    host.dock(NAME, { routes: [], plugin }, { requestTimeoutMs: TIMEOUT_MS });
    send('POST /plugin', ['content-type: text/plain', 'content-length: 9'], 'some');
    const answer = await received('REQUEST_TIMEOUT');
    expect(answer).toContain(' 504 ');
    expect(answer.toLowerCase()).toContain('connection: close');
  });

  test('is not for an answer that has begun, however long it takes', async () => {
    const handler: RouteEntryHandler = (_request, reply) => {
      reply.hijack();
      reply.raw.writeHead(200);
      reply.raw.write('begun');
      setTimeout(() => reply.raw.end('ended'), 3 * TIMEOUT_MS);
    };
    host.dock(NAME, surface(handler), { requestTimeoutMs: TIMEOUT_MS });
    send('GET /a');
    expect(await received('ended')).toContain(' 200 ');
  });

  test('leaves the connection to the next request', async () => {
    const entered: string[] = [];
    const handler: RouteEntryHandler = ({ headers }) => {
      entered.push(String(headers['x-what']));
      return headers['x-what'] === 'hang' ? forever() : 'answered';
    };
    host.dock(NAME, surface(handler), { requestTimeoutMs: TIMEOUT_MS });
    send('GET /a', ['x-what: hang']);
    await received('REQUEST_TIMEOUT');
    send('GET /a', ['x-what: go']);
    await received('answered');
    expect(entered).toEqual(['hang', 'go']);
  });

  test('in the queue ends with a 503, as nothing was begun', async () => {
    const entered = signal();
    let handled = 0;
    const handler: RouteEntryHandler = (_request, reply) => {
      handled++;
      reply.hijack();
      reply.raw.writeHead(200);
      reply.raw.write('begun');
      entered.fire();
    };
    host.dock(NAME, surface(handler), { requestTimeoutMs: TIMEOUT_MS, concurrency: 1, queue: 1 });
    const first = fetch(`${host.url}${PREFIX}/a`);
    await entered.promise;
    send('GET /a');
    const answer = await received('MODULE_BUSY');
    expect(answer).toContain(' 503 ');
    expect(answer.toLowerCase()).toContain('retry-after: 1');
    await (await first).body?.cancel();
    expect(handled).toBe(1);
  });
});

test('a request that has waited goes on in its own context', async () => {
  const entered = signal();
  const release = signal();
  const contexts: (string | undefined)[] = [];
  const handler: RouteEntryHandler = async () => {
    contexts.push(context.getStore());
    entered.fire();
    await release.promise;
    return 'answered';
  };
  const { generation } = host.dock(NAME, surface(handler), { concurrency: 1 });
  const first = fetch(`${host.url}${PREFIX}/a?first`);
  await entered.promise;
  const begun = beginsIn(generation.inFlight);
  send('GET /a?second');
  await begun;
  expect(contexts).toEqual([`${PREFIX}/a?first`]);
  release.fire();
  await (await first).text();
  await received('answered');
  expect(contexts).toEqual([`${PREFIX}/a?first`, `${PREFIX}/a?second`]);
});

test('a body over its limit cuts off an answer that has begun', async () => {
  const handler: RequestSurface['plugin'] = {
    routes: [],
    listener: (request, response) => {
      response.writeHead(200);
      response.write('begun');
      request.resume();
    },
  };
  host.dock(NAME, { routes: [], plugin: handler }, { bodyBytes: 10 });
  send('POST /plugin', ['transfer-encoding: chunked'], '5\r\n12345\r\n');
  await received('begun');
  const closed = once(socket, 'close');
  socket.write('6\r\n678901\r\n');
  await closed;
});

test('a body over its limit that came before the module could see it is refused', async () => {
  let handled = 0;
  const plugin: RequestSurface['plugin'] = { routes: [], listener: () => void handled++ };
  host.dock(NAME, { routes: [], plugin }, { bodyBytes: 10 });
  send('POST /plugin', ['transfer-encoding: chunked', 'x-wait: 1'], '14\r\n12345678901234567890\r\n0\r\n\r\n');
  expect(await received('BODY_TOO_LARGE')).toContain(' 413 ');
  expect(handled).toBe(0);
});

test('a body over its limit does no harm once the answer is out', async () => {
  const plugin: RequestSurface['plugin'] = {
    routes: [],
    listener: ({ url }, response) => void response.end(`answer to ${url}`),
  };
  host.dock(NAME, { routes: [], plugin }, { bodyBytes: 10 });
  send('POST /first', ['transfer-encoding: chunked'], '5\r\n12345\r\n');
  await received('/first');
  socket.write('6\r\n678901\r\n5\r\n23456\r\n0\r\n\r\n');
  send('POST /second', ['content-length: 0']);
  await received('/second');
});

test('a body within its limit is read whole, whoever reads it', async () => {
  host.dock(
    NAME,
    surface(({ body }) => body),
    { bodyBytes: 10 },
  );
  send('POST /a', ['content-type: text/plain', 'transfer-encoding: chunked'], '5\r\n12345\r\n5\r\n67890\r\n0\r\n\r\n');
  expect(await received('1234567890')).toContain(' 200 ');
});

test('generations of a module have places of their own', async () => {
  const entered = signal();
  const old = host.dock(
    NAME,
    surface(() => {
      entered.fire();
      return forever();
    }),
    { concurrency: 1, queue: 0 },
  );
  send('GET /a');
  await entered.promise;
  expect((await fetch(`${host.url}${PREFIX}/a`)).status).toBe(503);
  host.dock(
    NAME,
    surface(() => 'new'),
    { concurrency: 1, queue: 0 },
  );
  expect((await fetch(`${host.url}${PREFIX}/a`)).status).toBe(200);
  expect(old.generation.inFlight.requests).toBe(1);
});

test('what is cut off while others wait starts none of them', async () => {
  const entered = signal();
  let handled = 0;
  const listener = () => {
    handled++;
    entered.fire();
  };
  const { generation, stop, undo } = host.dock(
    NAME,
    { routes: [], plugin: { routes: [], listener } },
    { concurrency: 1 },
  );
  const first = fetch(`${host.url}${PREFIX}/a`);
  await entered.promise;
  const begun = beginsIn(generation.inFlight);
  const second = fetch(`${host.url}${PREFIX}/a`);
  await begun;
  stop();
  await undo();
  expect([(await first).status, (await second).status]).toEqual([503, 503]);
  await generation.inFlight.idle();
  expect(handled).toBe(1);
});

test('what a handler writes after the host has answered in its place is dropped', async () => {
  const written = signal();
  const handler: RouteEntryHandler = (request, reply) => {
    request.signal.addEventListener('abort', () => {
      reply.raw.write('late', (error) => {
        expect(error).toMatchObject({ code: 'ERR_STREAM_WRITE_AFTER_END' });
        written.fire();
      });
      reply.raw.end();
    });
    return forever();
  };
  host.dock(NAME, surface(handler), { requestTimeoutMs: TIMEOUT_MS });
  send('GET /a');
  await written.promise;
  expect(await received('REQUEST_TIMEOUT')).not.toContain('late');
});
