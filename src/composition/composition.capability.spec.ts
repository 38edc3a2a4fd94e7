import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { type FastifyInstance } from 'fastify';
import { TestHost } from './spec-support/test-host.js';

describe('composition', () => {
  let host: TestHost;
  beforeEach(async () => (host = await TestHost.start()));
  afterEach(() => host.stop());

  const get = (path: string) => host.app.inject({ method: 'GET', url: path });

  it('serves a Nest module', async () => {
    @Injectable()
    class Greeter {
      greet = () => 'hello';
    }
    @Controller('greet')
    class GreetController {
      constructor(private readonly greeter: Greeter) {}
      @Get()
      get() {
        return { said: this.greeter.greet() };
      }
    }
    @Module({ controllers: [GreetController], providers: [Greeter] })
    class Greet {}
    const loaded = await host.load('hello', { entry: Greet });
    const answer = await get('/api/v1/m/hello/greet');
    expect([answer.statusCode, answer.json()]).toEqual([200, { said: 'hello' }]);
    await loaded.unload();
    expect((await get('/api/v1/m/hello/greet')).statusCode).toBe(404);
  });

  it('serves routes of the manifest', async () => {
    await host.load('hello', {
      routes: [{ method: 'POST', path: '/say/:what', handler: './say.ts' }],
      handlers: { './say.ts': (request: { params: object }) => request.params },
    });
    const answer = await host.app.inject({ method: 'POST', url: '/api/v1/m/hello/say/hi', payload: {} });
    expect([answer.statusCode, answer.json()]).toEqual([200, { what: 'hi' }]);
  });

  it('serves a Fastify plugin', async () => {
    await host.load('plug', { entry: async (scope: FastifyInstance) => void scope.get('/x', () => ({ x: 1 })) });
    expect((await get('/api/v1/m/plug/x')).json()).toEqual({ x: 1 });
    const none = await get('/api/v1/m/plug/y');
    expect(none.json()).toEqual({ message: 'Cannot GET /api/v1/m/plug/y', error: 'Not Found', statusCode: 404 });
  });
});
