import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import cookie from '@fastify/cookie';
import multipart from '@fastify/multipart';
import rateLimit from '@fastify/rate-limit';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type FastifyInstance, type FastifyPluginCallback } from 'fastify';
import fp from 'fastify-plugin';
import { type ModuleContext } from '../../sdk/index.js';
import { TestHost } from '../spec-support/test-host.js';

type Options = { context: ModuleContext };

// Jest on Node 20 cannot require the ES module that @fastify/static requires; here it is the real one, imported.
const contentDisposition: unknown = await import('content-disposition');
jest.mock('content-disposition', () => contentDisposition);
const { default: fastifyStatic } = await import('@fastify/static');

describe('a Fastify plugin that is docked', () => {
  let host: TestHost;
  beforeEach(async () => (host = await TestHost.start()));
  afterEach(() => host.stop());

  const get = (path: string, headers: Record<string, string> = {}) =>
    host.app.inject({ url: `/api/v1/m/plug${path}`, headers });

  const callback: FastifyPluginCallback<Options> = (scope, { context }, done) => {
    scope.get('/who', () => context.module.name);
    setImmediate(done);
  };
  it.each([
    [
      'asynchronous',
      async (scope: FastifyInstance, { context }: Options) => void scope.get('/who', () => context.module.name),
    ],
    ['with a callback', callback],
    ['without encapsulation', fp(callback)],
  ])('serves below its prefix, with its context: %s', async (_style, entry) => {
    const { generation } = await host.load('plug', { entry });
    expect((await get('/who')).body).toBe('plug');
    expect((await host.app.inject({ url: '/who' })).statusCode).toBe(404);
    expect(generation.part('requests').plugin?.routes).toEqual([{ method: 'GET', path: '/api/v1/m/plug/who' }]);
  });

  it('serves files with @fastify/static, and answers as the host where there is none', async () => {
    const root = await mkdtemp(join(tmpdir(), 'nestdock-static-'));
    try {
      await writeFile(join(root, 'a.txt'), 'from disk');
      await host.load('plug', {
        entry: async (scope: FastifyInstance) => void scope.register(fastifyStatic, { root }),
      });
      const answer = await get('/a.txt');
      expect([answer.body, answer.headers['content-type']]).toEqual(['from disk', 'text/plain; charset=utf-8']);
      expect((await get('/none.txt')).json()).toMatchObject({ message: 'Cannot GET /api/v1/m/plug/none.txt' });
    } finally {
      await rm(root, { recursive: true });
    }
  });

  it('takes uploads with @fastify/multipart', async () => {
    await host.load('plug', {
      entry: async (scope: FastifyInstance) => {
        await scope.register(multipart);
        scope.post('/upload', async (request) => {
          const file = await request.file();
          return { name: file?.filename, size: (await file?.toBuffer())?.length };
        });
      },
    });
    const form = new FormData();
    form.append('file', new Blob(['12345']), 'five.txt');
    const answer = await fetch(`${await host.url}/api/v1/m/plug/upload`, { method: 'POST', body: form });
    expect(await answer.json()).toEqual({ name: 'five.txt', size: 5 });
  });

  it('sets cookies with @fastify/cookie, and limits with @fastify/rate-limit', async () => {
    await host.load('plug', {
      entry: async (scope: FastifyInstance) => {
        await scope.register(cookie);
        await scope.register(rateLimit, { max: 1, timeWindow: 60_000 });
        scope.get('/', async (request, reply) => reply.setCookie('seen', 'yes').send(request.cookies));
      },
    });
    const first = await get('/', { cookie: 'a=b' });
    expect([first.json(), first.headers['set-cookie']]).toEqual([{ a: 'b' }, 'seen=yes; SameSite=Lax']);
    const second = await get('/');
    expect([second.statusCode, second.json()]).toMatchObject([429, { error: 'Too Many Requests' }]);
  });

  it('keeps to a 404 and an error handler of its own', async () => {
    await host.load('plug', {
      entry: async (scope: FastifyInstance) => {
        scope.setNotFoundHandler((_request, reply) => reply.code(404).send('not here'));
        scope.setErrorHandler((error, _request, reply) => reply.code(500).send(`own: ${(error as Error).message}`));
        scope.get('/boom', () => Promise.reject(new Error('boom')));
      },
    });
    expect((await get('/none')).body).toBe('not here');
    expect((await get('/boom')).body).toBe('own: boom');
  });

  it("answers errors in Fastify's style, and validates by its schemas", async () => {
    const schema = { querystring: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } };
    await host.load('plug', {
      entry: async (scope: FastifyInstance) => void scope.get('/n', { schema }, (request) => request.query),
    });
    expect((await get('/n?n=5')).json()).toEqual({ n: 5 });
    expect((await get('/n')).json()).toMatchObject({ statusCode: 400, code: 'FST_ERR_VALIDATION' });
  });

  it('takes no larger body than the host does', async () => {
    await host.load('plug', { entry: async (scope: FastifyInstance) => void scope.post('/', () => 'taken') });
    const answer = await host.app.inject({
      method: 'POST',
      url: '/api/v1/m/plug/',
      payload: { a: 'x'.repeat(1 << 20) },
    });
    expect(answer.statusCode).toBe(413);
  });

  it('answers an unmatched POST although its body was read', async () => {
    await host.load('plug', { entry: async (scope: FastifyInstance) => void scope.get('/', () => 'here') });
    const answer = await fetch(`${await host.url}/api/v1/m/plug/none`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a":1}',
    });
    expect([answer.status, await answer.json()]).toMatchObject([404, { message: 'Cannot POST /api/v1/m/plug/none' }]);
  });

  it('runs its onClose hooks at unload', async () => {
    let closed = 0;
    const entry = async (scope: FastifyInstance) => void scope.addHook('onClose', async () => void closed++);
    await (await host.load('plug', { entry })).unload();
    expect(closed).toBe(1);
  });

  it('says what it failed with, and is closed then', async () => {
    let closed = 0;
    const entry = async (scope: FastifyInstance) => {
      scope.addHook('onClose', async () => void closed++);
      scope.get('/twice', () => 1);
      scope.get('/twice', () => 2);
    };
    await expect(host.load('plug', { entry })).rejects.toMatchObject({
      code: 'COMPOSITION_FAILED',
      message: expect.stringContaining('/api/v1/m/plug/twice'),
    });
    expect(closed).toBe(1);
  });

  it('is given up at once where the load is, and closed when it is ready after all', async () => {
    let finish: () => void = () => undefined;
    const registered = new Promise<void>((resolve) => (finish = resolve));
    let onClosed: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => (onClosed = resolve));
    const entry = async (scope: FastifyInstance) => {
      scope.addHook('onClose', async () => onClosed());
      await registered;
    };
    const generation = host.generation('plug', { entry });
    const load = host.attach(generation);
    await new Promise(setImmediate);
    generation.expire();
    await expect(load).rejects.toMatchObject({ name: 'AbortError' });
    finish();
    await closed;
  });

  it('streams, and notices a client that goes away', async () => {
    let onAborted: () => void = () => undefined;
    const aborted = new Promise<void>((resolve) => (onAborted = resolve));
    await host.load('plug', {
      entry: async (scope: FastifyInstance) =>
        void scope.get('/stream', (request, reply) => {
          reply.hijack();
          reply.raw.writeHead(200).write('begun');
          request.raw.on('close', onAborted);
        }),
    });
    const { port } = new URL(await host.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('GET /api/v1/m/plug/stream HTTP/1.1\r\nhost: x\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
    await aborted;
  });

  it('goes with routes of the manifest', async () => {
    const { generation } = await host.load('plug', {
      entry: async (scope: FastifyInstance) => void scope.get('/own', () => 'own'),
      routes: [{ method: 'GET', path: '/listed', handler: 'h' }],
      handlers: { h: () => 'listed' },
    });
    const { routes, plugin } = generation.part('requests');
    expect([routes.map(({ path }) => path), plugin?.routes.map(({ path }) => path)]).toEqual([
      ['/api/v1/m/plug/listed'],
      ['/api/v1/m/plug/own'],
    ]);
  });
});
