import { createReadStream } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Readable } from 'node:stream';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import { Body, Controller, Get, Headers, HttpException, Param, Post, Query, Req } from '@nestjs/common';
import { FastifyAdapter, RouteConfig, RouteSchema } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { beginsIn, generationOf, route, type RoutingHost, startRoutingHost } from '../../test/support/routing-host.js';
import { type ModuleState, type RequestSurface } from '../kernel/index.js';

const SCHEMA = {
  body: {
    type: 'object',
    required: ['count'],
    additionalProperties: false,
    properties: {
      count: { type: 'integer' },
      unit: { type: 'string', default: 'W' },
      at: { type: 'string', format: 'date' },
    },
  },
  querystring: { type: 'object', properties: { limit: { type: 'integer', maximum: 10 }, tags: { type: 'array' } } },
  params: { type: 'object', properties: { id: { type: 'integer' } } },
  headers: { type: 'object', properties: { 'X-Count': { type: 'integer' } } },
} as const;

const RESPONSE = {
  response: { '2xx': { type: 'object', properties: { shown: { type: 'string' } } } },
} as const;

/** The routes that are served statically and docked, to be compared. */
@Controller('static')
class TwinController {
  @RouteSchema(SCHEMA)
  @Post('schema/:id')
  schema(@Body() body: unknown, @Query() query: unknown, @Param() params: unknown, @Headers('x-count') count: unknown) {
    return { body, query, params, count };
  }

  @RouteSchema(RESPONSE)
  @Get('response')
  response() {
    return { shown: 1, hidden: true };
  }

  @Get('echo/:a/:b')
  echo(@Param() params: unknown, @Query() query: unknown) {
    return { params, query };
  }

  @Get('stream')
  stream() {
    return 'text';
  }

  @RouteConfig({ role: 'admin' })
  @Get('config')
  config(@Req() { routeOptions }: FastifyRequest) {
    return routeOptions.config;
  }
}

const TWIN: RequestSurface = {
  routes: [
    route('twin', {
      method: 'POST',
      path: '/schema/:id',
      schema: SCHEMA,
      handler: ({ body, query, params, headers }, reply) => {
        reply.code(201);
        return { body, query, params, count: headers['x-count'] };
      },
    }),
    route('twin', {
      path: '/response',
      schema: RESPONSE,
      handler: () => ({ shown: 1, hidden: true }),
    }),
    route('twin', { path: '/echo/:a/:b', handler: ({ params, query }) => ({ params, query }) }),
    route('twin', { path: '/stream', handler: () => 'text' }),
    route('twin', { path: '/config', config: { role: 'admin' }, handler: ({ routeOptions }) => routeOptions.config }),
  ],
};

let host: RoutingHost;

beforeAll(async () => {
  host = await startRoutingHost({
    controllers: [TwinController],
    prepare: async (app) => {
      await app.register(helmet);
      await app.register(cors, { origin: 'http://a.test' });
    },
  });
  host.dock('twin', TWIN);
});

afterAll(() => host.app.close());

const ask = (path: string, init?: RequestInit) => fetch(host.url + path, { redirect: 'manual', ...init });

/** What a client sees, less what differs between any two requests. */
async function seen(path: string, init?: RequestInit) {
  const response = await ask(path, init);
  const headers = Object.fromEntries(response.headers);
  delete headers['date'];
  const body = (await response.text()).replaceAll('/api/v1/m/twin', '/static');
  delete headers['content-length']; // follows from the body, in which the path may stand
  return { status: response.status, headers, body };
}

const json = (body: unknown, headers = {}): RequestInit => ({
  method: 'POST',
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...headers },
});

describe('a docked route answers as a static one', () => {
  test.each<[string, string, RequestInit]>([
    ['a valid body', '/schema/7', json({ count: '3' })],
    ['coercion, defaults and unknown members', '/schema/7?limit=5&tags=x', json({ count: '3', extra: 1 })],
    ['a header, whatever its case', '/schema/7', json({ count: 3 }, { 'X-COUNT': '4' })],
    ['an invalid body', '/schema/7', json({})],
    ['an invalid format', '/schema/7', json({ count: 1, at: 'yesterday' })],
    ['an invalid query', '/schema/7?limit=50', json({ count: 1 })],
    ['an invalid parameter', '/schema/x', json({ count: 1 })],
    ['an invalid header', '/schema/7', json({ count: 1 }, { 'x-count': 'many' })],
    ['a body that is no JSON', '/schema/7', json('{no')],
    ['an empty JSON body', '/schema/7', json('')],
    ['a media type nobody parses', '/schema/7', { method: 'POST', body: 'x', headers: { 'content-type': 'a/b' } }],
    ['a body over the limit', '/schema/7', json({ count: 1, at: 'x'.repeat(1_100_000) })],
    ['a prototype in the body', '/schema/7', json('{"__proto__":{"a":1}}')],
    ['a response schema', '/response', {}],
    ['encoded parameters', '/echo/a%2Fb/%C3%A4%20%25?q=%C3%A4&q=2', {}],
    ['an empty parameter', '/echo//b', {}],
    ['the config of the route', '/config', {}],
    ['malformed encoding', '/echo/%zz/b', {}],
    ['malformed encoding of UTF-8', '/echo/%ff/b', {}],
    ['another case', '/ECHO/a/b', {}],
    ['a slash at the end', '/stream/', {}],
    ['two slashes', '//stream', {}],
    ['a path of another method', '/stream', { method: 'DELETE' }],
    ['an unknown path', '/nothing', {}],
    ['an unknown path with a body that is no JSON', '/nothing', json('{no')],
    ['HEAD', '/stream', { method: 'HEAD' }],
    ['HEAD with a response schema', '/response', { method: 'HEAD' }],
    [
      'a preflight',
      '/stream',
      { method: 'OPTIONS', headers: { origin: 'http://a.test', 'access-control-request-method': 'GET' } },
    ],
    ['another origin', '/stream', { headers: { origin: 'http://a.test' } }],
  ])('%s', async (_, path, init) => {
    expect(await seen(`/api/v1/m/twin${path}`, init)).toEqual(await seen(`/static${path}`, init));
  });

  test('a parameter that is too long is refused as the router of the host does', async () => {
    const path = `/echo/${'x'.repeat(101)}/b`;
    const docked = await seen(`/api/v1/m/twin${path}`);
    const { status, body } = await seen(`/static${path}`);
    expect(docked.status).toBe(status);
    expect(JSON.parse(body)).toMatchObject(JSON.parse(docked.body) as object);
  });

  test('a parameter that is too long gets what the host says of the errors of its framework', async () => {
    const frameworkErrors = (error: Error & { code: string }, _request: unknown, reply: FastifyReply) =>
      void reply.code(400).send(`refused: ${error.code}`);
    const own = await startRoutingHost({ adapter: new FastifyAdapter({ frameworkErrors }) });
    own.dock('twin', TWIN);
    const response = await fetch(`${own.url}/api/v1/m/twin/echo/${'x'.repeat(101)}/b`);
    expect([response.status, await response.text()]).toEqual([400, 'refused: FST_ERR_MAX_PARAM_LENGTH']);
    await own.app.close();
  });

  test('OPTIONS is a method like any other where the host has no CORS', async () => {
    const own = await startRoutingHost();
    own.dock('optional', { routes: [route('optional', { method: 'OPTIONS', path: '/a', handler: () => 'options' })] });
    const response = await fetch(`${own.url}/api/v1/m/optional/a`, { method: 'OPTIONS' });
    expect([response.status, await response.text()]).toEqual([200, 'options']);
    await own.app.close();
  });

  test('HEAD tells the length of the GET', async () => {
    const head = await ask('/api/v1/m/twin/stream', { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe('4');
    expect(await head.text()).toBe('');
  });
});

describe('what handlers see', () => {
  test('routeOptions are those of their route', async () => {
    const schema = { querystring: { type: 'object' } };
    const look = ({ routeOptions: { url, method, config, schema }, is404 }: FastifyRequest) => ({
      url,
      method,
      config,
      schema,
      is404,
    });
    host.dock('options', {
      routes: [
        route('options', { path: '/a/:id', config: { role: 'admin' }, schema, handler: look }),
        route('options', { path: '/b', handler: look }),
      ],
    });
    expect(await (await ask('/api/v1/m/options/a/1')).json()).toEqual({
      url: '/api/v1/m/options/a/:id',
      method: 'GET',
      config: { role: 'admin', url: '/api/v1/m/options/a/:id', method: 'GET' },
      schema,
      is404: false,
    });
    expect(await (await ask('/api/v1/m/options/b')).json()).toEqual({
      url: '/api/v1/m/options/b',
      method: 'GET',
      config: { url: '/api/v1/m/options/b', method: 'GET' },
      is404: false,
    });
  });

  test('what the author wrote is left as it was', async () => {
    const schema = Object.freeze({ response: Object.freeze({ 200: Object.freeze({ type: 'string' }) }) });
    host.dock('frozen', { routes: [route('frozen', { path: '/a', schema, handler: () => 'x' })] });
    expect((await ask('/api/v1/m/frozen/a')).status).toBe(200);
  });
});

describe('answers of any kind', () => {
  beforeAll(() => {
    host.dock('kinds', {
      routes: [
        route('kinds', { path: '/stream', handler: () => Readable.from(['one ', 'two']) }),
        route('kinds', { path: '/file', handler: () => createReadStream(fileURLToPath(import.meta.url)) }),
        route('kinds', { path: '/redirect', handler: (_request, reply) => reply.redirect('/elsewhere', 307) }),
        route('kinds', { path: '/empty', handler: (_request, reply) => reply.code(204).send() }),
        route('kinds', { path: '/buffer', handler: () => Buffer.from([1, 2, 3]) }),
        route('kinds', {
          path: '/events',
          handler: (_request, reply) => {
            reply.hijack();
            reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
            reply.raw.end('data: 1\n\ndata: 2\n\n');
          },
        }),
        route('kinds', { method: 'PUT', path: '/echo', handler: ({ body }) => body }),
        route('kinds', { method: 'PATCH', path: '/echo', handler: ({ body }) => body }),
        route('kinds', { method: 'DELETE', path: '/echo', handler: ({ body }) => body }),
      ],
    });
  });

  test.each<[string, RequestInit, number, string]>([
    ['/stream', {}, 200, 'one two'],
    ['/redirect', {}, 307, ''],
    ['/empty', {}, 204, ''],
    ['/buffer', {}, 200, '\x01\x02\x03'],
    ['/events', {}, 200, 'data: 1\n\ndata: 2\n\n'],
    ['/echo', { ...json({ a: 1 }), method: 'PUT' }, 200, '{"a":1}'],
    ['/echo', { ...json({ a: 1 }), method: 'PATCH' }, 200, '{"a":1}'],
    ['/echo', { ...json({ a: 1 }), method: 'DELETE' }, 200, '{"a":1}'],
    ['/stream', { method: 'HEAD' }, 200, ''],
  ])('%s %j', async (path, init, status, body) => {
    const response = await ask(`/api/v1/m/kinds${path}`, init);
    expect(response.status).toBe(status);
    expect(await response.text()).toBe(body);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('a file', async () => {
    expect(await (await ask('/api/v1/m/kinds/file')).text()).toContain('answers of any kind');
  });
});

describe('variants of one path', () => {
  const version = ({ headers }: FastifyRequest) => headers['x-version'];
  const passing = (wanted: string) => (request: FastifyRequest, _reply: unknown, next: () => unknown) =>
    version(request) === wanted
      ? { version: wanted, params: request.params, url: request.routeOptions.config }
      : next();
  const body = (type: string) => ({ body: { type: 'object', properties: { n: { type } } } });

  beforeAll(() => {
    host.dock('variants', {
      routes: [
        route('variants', { path: '/next/:id', variant: '1', config: { v: 1 }, handler: passing('1') }),
        route('variants', { path: '/next/:slug', variant: '2', config: { v: 2 }, handler: passing('2') }),
        ...['integer', 'boolean'].map((type) =>
          route('variants', {
            method: 'POST',
            path: '/matches',
            variant: type,
            matches: (request) => version(request) === type,
            schema: body(type),
            handler: ({ body }) => body,
          }),
        ),
        route('variants', {
          method: 'POST',
          path: '/checked',
          variant: '1',
          handler: (_request, _reply, next) => next(),
        }),
        route('variants', { method: 'POST', path: '/checked', schema: body('integer'), handler: ({ body }) => body }),
      ],
    });
  });

  const asked = async (path: string, asks: string, init: RequestInit = {}) => {
    const response = await ask(`/api/v1/m/variants${path}`, {
      ...init,
      headers: { ...init.headers, 'x-version': asks },
    });
    return { status: response.status, body: await response.json() };
  };

  test.each([
    ['1', { id: '7' }],
    ['2', { slug: '7' }],
  ])('next() hands on, with parameters and config of the variant: %s', async (asks, params) => {
    const { status, body } = await asked('/next/7', asks);
    expect(status).toBe(200);
    expect(body).toMatchObject({ version: asks, params, url: { v: Number(asks) } });
  });

  test('next() of the last leads to the 404', async () => {
    expect((await asked('/next/7', '3')).status).toBe(404);
  });

  test.each<[string, unknown, number]>([
    ['integer', '5', 200],
    ['integer', 'true', 400],
    ['boolean', 'true', 200],
    ['boolean', '5', 400],
    ['string', '5', 404],
  ])('a schema is that of the variant that matches: %s, %j', async (asks, n, status) => {
    expect((await asked('/matches', asks, json({ n }))).status).toBe(status);
  });

  test.each<[unknown, number, unknown]>([
    ['5', 200, { n: 5 }],
    ['x', 400, { statusCode: 400, message: 'body/n must be integer' }],
  ])('what next() leads to checks its own schema: %j', async (n, status, answer) => {
    expect(await asked('/checked', '', json({ n }))).toEqual({
      status,
      body: expect.objectContaining(answer as object),
    });
  });
});

describe('middleware', () => {
  test('runs before the body is parsed, and for paths without a route', async () => {
    const paths: (string | undefined)[] = [];
    host.dock('middled', {
      routes: [route('middled', { method: 'POST', path: '/a', handler: ({ body }) => body })],
      middleware: (request, _reply, next) => {
        paths.push(request.raw.url);
        expect(request.body).toBeUndefined();
        setImmediate(next);
      },
    });
    expect(await (await ask('/api/v1/m/middled/a', json({ a: 1 }))).json()).toEqual({ a: 1 });
    expect((await ask('/api/v1/m/middled/other')).status).toBe(404);
    expect(paths).toEqual(['/api/v1/m/middled/a', '/api/v1/m/middled/other']);
  });

  test('may answer by itself, or fail', async () => {
    host.dock('answering', {
      routes: [route('answering', { path: '/a' })],
      middleware: (request, reply, next) => {
        if (request.raw.url?.endsWith('?fail')) return next(new HttpException('no', 418));
        reply.raw.end('middleware');
        next();
      },
    });
    expect(await (await ask('/api/v1/m/answering/a')).text()).toBe('middleware');
    expect((await ask('/api/v1/m/answering/a?fail')).status).toBe(418);
  });

  test('a matcher that throws behind it is an error like any other', async () => {
    host.dock('throwing', {
      routes: [
        route('throwing', {
          path: '/a',
          matches: () => {
            throw new Error('no');
          },
        }),
      ],
      middleware: (_request, _reply, next) => void setImmediate(next),
    });
    expect((await ask('/api/v1/m/throwing/a')).status).toBe(500);
  });
});

describe('a plugin', () => {
  beforeAll(() => {
    host.dock('plugin', {
      routes: [route('plugin', { path: '/table', handler: () => 'table' })],
      plugin: {
        routes: [{ method: 'GET', path: '/api/v1/m/plugin/raw' }],
        listener: (request, response, unmatched) => {
          if (request.url?.endsWith('/unknown')) return unmatched();
          if (request.url?.endsWith('/stream')) return void Readable.from(['a', 'b']).pipe(response);
          let body = '';
          request.on('data', (chunk) => (body += String(chunk)));
          request.on('end', () => response.writeHead(200, { 'x-plugin': '1' }).end(`plugin ${request.method} ${body}`));
        },
      },
    });
  });

  test.each<[string, RequestInit, number, string]>([
    ['/table', {}, 200, 'table'],
    ['/raw', {}, 200, 'plugin GET '],
    ['', {}, 200, 'plugin GET '],
    ['/raw', json('{not parsed'), 200, 'plugin POST {not parsed'],
    ['/stream', {}, 200, 'ab'],
  ])('%s %j', async (path, init, status, text) => {
    const response = await ask(`/api/v1/m/plugin${path}`, {
      ...init,
      headers: { ...init.headers, origin: 'http://a.test' },
    });
    expect([response.status, await response.text()]).toEqual([status, text]);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('access-control-allow-origin')).toBe('http://a.test');
  });

  test("what it does not know is the host's 404", async () => {
    const theirs = await seen('/api/v1/m/plugin/unknown');
    const ours = await seen('/nowhere/unknown');
    expect(theirs.status).toBe(404);
    expect(theirs.headers).toEqual(ours.headers);
    expect(theirs.body).toBe(ours.body.replaceAll('/nowhere', '/api/v1/m/plugin'));
  });
});

describe('a module that nothing serves', () => {
  test.each<[ModuleState | undefined, number, string, string | null]>([
    [undefined, 404, 'MODULE_NOT_LOADED', null],
    ['idle', 404, 'MODULE_NOT_LOADED', null],
    ['draining', 404, 'MODULE_NOT_LOADED', null],
    ['loading', 503, 'MODULE_UNAVAILABLE', '1'],
    ['active', 503, 'MODULE_UNAVAILABLE', '1'],
    ['failed', 503, 'MODULE_UNAVAILABLE', '5'],
    ['quarantined', 503, 'MODULE_UNAVAILABLE', '30'],
  ])('%s', async (state, status, code, retryAfter) => {
    host.states.clear();
    if (state) host.states.set('gone', state);
    for (const [path, init] of [
      ['', {}],
      ['/', {}],
      ['/a?b=/c', {}],
      ['/a', json('{no')],
    ] as const) {
      const response = await ask(`/api/v1/m/gone${path}`, init);
      expect(response.status).toBe(status);
      expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(response.headers.get('retry-after')).toBe(retryAfter);
      expect(await response.json()).toMatchObject({ code, status });
    }
  });

  test('no name at all is an unknown path', async () => {
    for (const path of ['/api/v1/m', '/api/v1/m/', '/api/v1/m//a']) {
      const { status, body } = await seen(path);
      expect(status).toBe(404);
      expect(body).not.toContain('MODULE_');
    }
  });
});

describe('ways to write a URL', () => {
  beforeAll(() => {
    host.dock('url-name', { routes: [route('url-name', { path: '/a', handler: () => 'found' })] });
  });

  test.each([
    ['/api/v1/m/url%2Dname/a', 200],
    ['/api/v1/m/url-name/%61', 200],
    ['/%61pi/v1/m/url-name/a', 200],
    ['http://elsewhere.test/api/v1/m/url-name/a', 200],
    ['/api/v1/m/url-name%2Fa', 404],
    ['/api/v1/m/url-name/a#b', 200],
    ['/api/v1/m/URL-NAME/a', 404],
    ['/api/v1/m/url-nam', 404],
    ['/api/v1/m/url-name-x/a', 404],
    ['/api/v1/m/toString/a', 404],
    ['/api/v1/m/__proto__/a', 404],
  ])('%s', async (target, status) => {
    const socket = connect(host.port, '127.0.0.1');
    socket.end(`GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    let answer = '';
    socket.on('data', (chunk) => (answer += String(chunk)));
    await once(socket, 'close');
    expect(answer.split('\r\n')[0]).toContain(` ${status} `);
  });
});

describe('generations', () => {
  const answering = (name: string, text: string): RequestSurface => ({
    routes: [route(name, { path: '/a', handler: () => text })],
  });
  const text = async (path: string) => (await ask(path)).text();

  test('the next one takes over at once, and the stop of the old one does not touch it', async () => {
    const first = host.dock('swapped', answering('swapped', 'one'));
    expect(await text('/api/v1/m/swapped/a')).toBe('one');
    const second = host.dock('swapped', answering('swapped', 'two'));
    expect(await text('/api/v1/m/swapped/a')).toBe('two');
    first.stop();
    await first.undo();
    expect(await text('/api/v1/m/swapped/a')).toBe('two');
    second.stop();
    expect((await ask('/api/v1/m/swapped/a')).status).toBe(404);
    await second.undo();
  });

  test('one that was only attached is not seen', async () => {
    const generation = generationOf('unseen', answering('unseen', 'x'));
    const undo = host.routing.attach(generation);
    expect((await ask('/api/v1/m/unseen/a')).status).toBe(404);
    await undo();
    expect(() => host.routing.serve(generation)).toThrow('was not attached');
  });

  test('a request stays with the one it was dispatched to', async () => {
    const first = host.dock('bound', {
      routes: [route('bound', { method: 'POST', path: '/a', handler: ({ body }) => ({ one: body }) })],
    });
    const socket = connect(host.port, '127.0.0.1');
    const begun = beginsIn(first.generation.inFlight);
    socket.write(
      'POST /api/v1/m/bound/a HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 7\r\n\r\n{"a"',
    );
    await begun; // dispatched, but half of the body is still to come
    const second = host.dock('bound', {
      routes: [route('bound', { method: 'POST', path: '/a', handler: ({ body }) => ({ two: body }) })],
    });
    first.stop();
    socket.write(':1}');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(String(answer)).toContain('{"one":{"a":1}}');
    socket.destroy();
    await first.generation.inFlight.idle();
    second.stop();
  });

  test('a table that cannot be built leaves nothing behind', async () => {
    const twice = [route('clash', { path: '/a' }), route('clash', { path: '/a', source: 'other' })];
    expect(() => host.dock('clash', { routes: twice })).toThrow(expect.objectContaining({ code: 'ROUTE_CONFLICT' }));
    expect((await ask('/api/v1/m/clash/a')).status).toBe(404);
  });
});
