import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  type ExecutionContext,
  type MiddlewareConsumer,
  Module,
  NotFoundException,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { map } from 'rxjs';
import { type ManifestRoute } from '../manifest/index.js';
import { type ModuleContext, type RouteHandler } from '../sdk/index.js';
import { TestHost } from './spec-support/test-host.js';

describe('routes of the manifest', () => {
  let host: TestHost;
  beforeEach(async () => (host = await TestHost.start()));
  afterEach(() => host.stop());

  const load = (handler: RouteHandler, route: Partial<ManifestRoute> = {}, entry?: unknown) =>
    host.load('listed', {
      entry,
      routes: [{ method: 'GET', path: '/x', handler: 'h', ...route }],
      handlers: { h: handler },
    });
  const ask = (method: 'GET' | 'POST' | 'DELETE' = 'GET', headers: Record<string, string> = {}, path = '/x') =>
    host.app.inject({ method, url: `/api/v1/m/listed${path}`, headers });

  it('give handlers the request, the reply and the context', async () => {
    let seen: ModuleContext | undefined;
    const handler: RouteHandler = (request, reply, context) => {
      seen = context;
      void reply.header('x-own', 'yes');
      return { params: request.params, query: request.query };
    };
    const loaded = await load(handler, { path: '/x/:id' });
    const answer = await ask('GET', {}, '/x/5?q=1');
    expect([answer.json(), answer.headers['x-own']]).toEqual([{ params: { id: '5' }, query: { q: '1' } }, 'yes']);
    expect(seen).toBe(loaded.generation.part('context'));
  });

  it.each(['GET', 'POST', 'DELETE'] as const)('answer 200 to %s, unless the handler says otherwise', async (method) => {
    await load(() => ({ done: true }), { method });
    expect((await ask(method)).statusCode).toBe(200);
    const accepting: RouteHandler = (_request, reply) => {
      void reply.code(202);
      return { done: true };
    };
    await load(accepting, { method });
    expect((await ask(method)).statusCode).toBe(202);
  });

  it.each<[string, RouteHandler, string]>([
    ['sent, with nothing returned', (_request, reply) => void reply.send({ sent: 1 }), '{"sent":1}'],
    ['sent and returned', (_request, reply) => reply.send({ sent: 2 }), '{"sent":2}'],
    [
      'sent later by a promise',
      async (_request, reply) => reply.send(await Promise.resolve({ sent: 3 })),
      '{"sent":3}',
    ],
    ['ended raw', (_request, reply) => void reply.hijack().raw.end('raw'), 'raw'],
    ['empty', () => undefined, ''],
    ['a promise', () => Promise.resolve('later'), 'later'],
  ])('send what is %s', async (_what, handler, body) => {
    await load(handler);
    const answer = await ask();
    expect([answer.statusCode, answer.body]).toEqual([200, body]);
  });

  it('answer exceptions as a controller does', async () => {
    await load(() => {
      throw new NotFoundException('no such reading');
    });
    expect((await ask()).json()).toEqual({ statusCode: 404, error: 'Not Found', message: 'no such reading' });
  });

  it('stand under the guards, interceptors, filters and middleware of the Nest entry', async () => {
    class Guard implements CanActivate {
      canActivate = (context: ExecutionContext) => !context.switchToHttp().getRequest<FastifyRequest>().headers['x-no'];
    }
    class Wrap {
      intercept = (_context: ExecutionContext, next: CallHandler) =>
        next.handle().pipe(map((data: unknown) => ({ data })));
    }
    class Ranges {
      catch(_error: RangeError, args: ArgumentsHost) {
        void args.switchToHttp().getResponse<FastifyReply>().code(416).send('range');
      }
    }
    Catch(RangeError)(Ranges);
    class Entry {
      configure(consumer: MiddlewareConsumer) {
        const middleware = (_request: unknown, response: FastifyReply['raw'], next: () => void) => {
          response.setHeader('x-through', 'middleware');
          next();
        };
        consumer.apply(middleware).forRoutes('*path');
      }
    }
    Module({
      providers: [
        { provide: APP_GUARD, useClass: Guard },
        { provide: APP_INTERCEPTOR, useClass: Wrap },
        { provide: APP_FILTER, useClass: Ranges },
      ],
    })(Entry);
    const handler: RouteHandler = (request) => {
      if (request.headers['x-far']) throw new RangeError('far');
      return 1;
    };
    await load(handler, {}, Entry);
    const answer = await ask();
    expect([answer.json(), answer.headers['x-through']]).toEqual([{ data: 1 }, 'middleware']);
    expect((await ask('GET', { 'x-no': '1' })).statusCode).toBe(403);
    expect((await ask('GET', { 'x-far': '1' })).body).toBe('range');
  });

  it('carry their schemas and where they stand', async () => {
    const schema = { body: { type: 'object' } };
    const { generation } = await load(() => 1, { method: 'POST', schema });
    expect(generation.part('requests').routes).toEqual([
      {
        method: 'POST',
        path: '/api/v1/m/listed/x',
        source: 'manifest /routes/0',
        schema,
        handler: expect.any(Function),
      },
    ]);
  });
});
