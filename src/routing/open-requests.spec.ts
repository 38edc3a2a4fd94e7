import { once } from 'node:events';
import { type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  beginsIn,
  type DockedGeneration,
  endsIn,
  route,
  type RoutingHost,
  startRoutingHost,
} from '../../test/support/routing-host.js';
import { type RequestSurface, type RouteEntryHandler } from '../kernel/index.js';

const NAME = 'hello';
const PREFIX = `/api/v1/m/${NAME}`;

let host: RoutingHost;
let socket: Socket;

beforeEach(async () => {
  host = await startRoutingHost();
  socket = connect(host.port, '127.0.0.1');
  await once(socket, 'connect');
});

afterEach(async () => {
  socket.destroy();
  await host.app.close();
});

/** A promise and what settles it from outside. */
function signal(): { readonly promise: Promise<void>; readonly fire: () => void } {
  let fire = (): void => undefined;
  const promise = new Promise<void>((resolve) => (fire = resolve));
  return { promise, fire };
}

function send(line: string, headers: readonly string[] = [], body = ''): void {
  const [method, path] = line.split(' ');
  socket.write([`${method} ${PREFIX}${path} HTTP/1.1`, 'host: x', ...headers, '', body].join('\r\n'));
}

/** Reads until the text has come. */
async function received(text: string): Promise<string> {
  let all = '';
  while (!all.includes(text)) all += String(((await once(socket, 'data')) as [Buffer])[0]);
  return all;
}

const forever = () => new Promise<never>(() => undefined);

function dockOne(handler: RouteEntryHandler, more: Partial<RequestSurface> = {}): DockedGeneration {
  return host.dock(NAME, {
    routes: [route(NAME, { path: '/a', handler }), route(NAME, { method: 'POST', path: '/a', handler })],
    ...more,
  });
}

describe('a request counts until its answer is out', () => {
  test.each<[string, string, RouteEntryHandler, string]>([
    ['JSON', 'GET /a', () => ({ ok: true }), '{"ok":true}'],
    ['HEAD', 'HEAD /a', () => ({ ok: true }), 'content-length: 11'],
    ['no body', 'GET /a', (_request, reply) => reply.code(204).send(), ' 204 '],
    ['not modified', 'GET /a', (_request, reply) => reply.code(304).send(), ' 304 '],
    ['a redirect', 'GET /a', (_request, reply) => reply.redirect('/elsewhere'), ' 302 '],
    ['a stream', 'GET /a', () => Readable.from(['one', 'two']), '\r\n0\r\n\r\n'],
    ['an error', 'GET /a', () => Promise.reject(new Error('no')), ' 500 '],
    ['a synchronous error', 'GET /a', () => failing(), ' 500 '],
    [
      'a raw answer',
      'GET /a',
      (_request, reply) => {
        reply.hijack();
        reply.raw.end('raw');
      },
      'raw',
    ],
    ['a path the module does not have', 'GET /other', () => ({}), ' 404 '],
  ])('%s', async (_, line, handler, answer) => {
    const { generation } = dockOne(handler);
    for (let i = 0; i < 2; i++) {
      // Twice on the same connection, which is kept alive.
      const closed = endsIn(generation.inFlight);
      send(line);
      await received(answer);
      await closed;
      expect(generation.inFlight.requests).toBe(0);
    }
  });

  test('a body that is no JSON', async () => {
    const { generation } = dockOne(() => 'never');
    const closed = endsIn(generation.inFlight);
    send('POST /a', ['content-type: application/json', 'content-length: 3'], '{no');
    await received(' 400 ');
    await closed;
    expect(generation.inFlight.requests).toBe(0);
  });

  test('a slow handler', async () => {
    const entered = signal();
    const release = signal();
    const { generation } = dockOne(async () => {
      entered.fire();
      await release.promise;
      return 'done';
    });
    send('GET /a');
    await entered.promise;
    expect(generation.inFlight.requests).toBe(1);
    const idle = generation.inFlight.idle();
    release.fire();
    await received('done');
    await idle;
    expect(generation.inFlight.requests).toBe(0);
  });
});

describe('a request counts no longer once the client has gone', () => {
  test('while the handler has not answered', async () => {
    const entered = signal();
    const { generation } = dockOne(() => {
      entered.fire();
      return forever();
    });
    send('GET /a');
    await entered.promise;
    expect(generation.inFlight.requests).toBe(1);
    socket.destroy();
    await generation.inFlight.idle();
    expect(generation.inFlight.requests).toBe(0);
  });

  test('in the middle of its upload', async () => {
    const { generation } = dockOne(() => 'never');
    const begun = beginsIn(generation.inFlight);
    send('POST /a', ['content-type: application/json', 'content-length: 1000'], '{"half":');
    await begun;
    expect(generation.inFlight.requests).toBe(1);
    socket.destroy();
    await generation.inFlight.idle();
    expect(generation.inFlight.requests).toBe(0);
  });

  test('in the middle of a stream', async () => {
    const stream = new Readable({ read: () => undefined });
    const { generation } = dockOne(() => stream);
    stream.push('first');
    send('GET /a');
    await received('first');
    expect(generation.inFlight.requests).toBe(1);
    socket.destroy();
    await generation.inFlight.idle();
    expect(generation.inFlight.requests).toBe(0);
  });

  test('of server-sent events on a raw response', async () => {
    const { generation } = dockOne((_request, reply) => {
      reply.hijack();
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
      reply.raw.write('data: 1\n\n');
    });
    send('GET /a');
    await received('data: 1');
    expect(generation.inFlight.requests).toBe(1);
    socket.destroy();
    await generation.inFlight.idle();
  });

  test('while middleware has the request', async () => {
    const entered = signal();
    const { generation } = dockOne(() => 'never', { middleware: () => entered.fire() });
    send('GET /a');
    await entered.promise;
    expect(generation.inFlight.requests).toBe(1);
    socket.destroy();
    await generation.inFlight.idle();
  });

  test('while a plugin has the request', async () => {
    const entered = signal();
    const { generation } = dockOne(() => 'never', { plugin: { routes: [], listener: () => entered.fire() } });
    send('GET /plugin');
    await entered.promise;
    expect(generation.inFlight.requests).toBe(1);
    socket.destroy();
    await generation.inFlight.idle();
  });

  test('and more requests wait behind the first on the same connection', async () => {
    const entered = signal();
    let count = 0;
    const { generation } = dockOne(() => {
      if (++count === 20) entered.fire();
      return forever();
    });
    for (let i = 0; i < 20; i++) send('GET /a');
    await entered.promise;
    expect(generation.inFlight.requests).toBe(20);
    socket.destroy();
    await generation.inFlight.idle();
    expect(generation.inFlight.requests).toBe(0);
  });

  test('before the host has handed it to the module', async () => {
    socket.destroy();
    await host.app.close();
    const entered = signal();
    const release = signal();
    host = await startRoutingHost({
      prepare: (app) => {
        app
          .getHttpAdapter()
          .getInstance()
          .addHook('onRequest', async () => {
            entered.fire();
            await release.promise;
          });
      },
    });
    let handled = false;
    const { generation } = dockOne(() => (handled = true));
    socket = connect(host.port, '127.0.0.1');
    await once(socket, 'connect');
    const accepted = new Promise<Socket>((resolve) => {
      host.app.getHttpServer().once('request', (request: IncomingMessage) => resolve(request.socket));
    });
    send('GET /a');
    const remote = await accepted;
    await entered.promise;
    socket.destroy();
    await once(remote, 'close');
    release.fire();
    await new Promise(setImmediate);
    expect(generation.inFlight.requests).toBe(0);
    expect(handled).toBe(false);
  });
});

describe('pipelined requests', () => {
  test('count one by one, in the order of their answers', async () => {
    const releases = [signal(), signal()];
    const entered = signal();
    let count = 0;
    const { generation } = dockOne(async () => {
      const mine = count++;
      if (mine === 1) entered.fire();
      await releases[mine]?.promise;
      return `answer ${mine}`;
    });
    send('GET /a');
    send('GET /a');
    await entered.promise;
    expect(generation.inFlight.requests).toBe(2);
    releases[1]?.fire();
    await new Promise(setImmediate);
    expect(generation.inFlight.requests).toBe(2);
    releases[0]?.fire();
    await received('answer 1');
    await generation.inFlight.idle();
    expect(generation.inFlight.requests).toBe(0);
  });
});

describe('the undo, once the deadline of the drain is over', () => {
  test('answers 503 where nothing was sent yet', async () => {
    const entered = signal();
    const { generation, stop, undo } = dockOne(() => {
      entered.fire();
      return forever();
    });
    send('GET /a');
    await entered.promise;
    stop();
    await undo();
    const answer = await received('MODULE_UNAVAILABLE');
    expect(answer).toContain(' 503 ');
    expect(answer.toLowerCase()).toContain('retry-after: 1');
    await generation.inFlight.idle();
  });

  test('cuts an answer off that has begun', async () => {
    const stream = new Readable({ read: () => undefined });
    const { generation, stop, undo } = dockOne(() => stream);
    stream.push('first');
    send('GET /a');
    await received('first');
    stop();
    const closed = once(socket, 'close');
    await undo();
    await closed;
    await generation.inFlight.idle();
    expect(stream.destroyed).toBe(true);
  });

  test('leaves what was answered alone', async () => {
    const { undo, stop } = dockOne(() => 'done');
    send('GET /a');
    await received('done');
    stop();
    await undo();
    send('GET /a');
    expect(await received('MODULE_NOT_LOADED')).toContain(' 404 ');
  });
});

function failing(): never {
  throw new Error('at once');
}
