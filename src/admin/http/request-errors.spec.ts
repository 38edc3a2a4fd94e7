import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Get, Global, Module, NotFoundException, Post, Query } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Type } from 'class-transformer';
import { IsInt, IsObject, IsOptional, IsString, Min, ValidateNested } from 'class-validator';
import { connect, type AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { LOGGER } from '../../common/logging/logger.js';
import { HostController } from './host-controller.decorator.js';
import { HostFastifyAdapter } from './host-fastify.adapter.js';

class Limits {
  @IsInt() @Min(1) count!: number;
}
class Thing {
  @IsString() name!: string;
  @ValidateNested() @Type(() => Limits) limits!: Limits;
  @IsOptional() @IsObject() config?: object;
}
class ThingQuery {
  @IsOptional() @IsString() kind?: string;
}

@HostController('things', 'Things')
class ThingsController {
  @Get() list(@Query() query: ThingQuery): object {
    return { kind: query.kind ?? null };
  }
  @Post() make(@Body() thing: Thing): object {
    return thing;
  }
  @Get('coded') coded(): never {
    throw new NestdockError('MODULE_NOT_FOUND', 'no module is named "x"', { extensions: { asked: 'x' } });
  }
  @Get('thrown') thrown(): never {
    throw new TypeError('password=hunter2');
  }
  @Get('text') text(): never {
    const thrown: unknown = 'password=hunter2';
    throw thrown;
  }
  @Get('missing') missing(): never {
    throw new NotFoundException('not here');
  }
}

const lines: string[] = [];
const logger = pino(
  { level: 'error' },
  new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  }),
);

@Global()
@Module({ providers: [{ provide: LOGGER, useValue: logger }], exports: [LOGGER], controllers: [ThingsController] })
class HostModule {}

describe('what fails on a host route', () => {
  let app: NestFastifyApplication;
  beforeAll(async () => {
    app = await NestFactory.create<NestFastifyApplication>(HostModule, new HostFastifyAdapter(logger), {
      logger: false,
    });
    app
      .getHttpAdapter()
      .getInstance()
      .post('/api/v1/m/*', () => 'module');
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());

  const post = (payload: string | object, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    app.inject({ method: 'POST', url: '/things', payload, headers });

  it('names each wrong field with its pointer, all at once', async () => {
    const answer = await post({ limits: { count: 0, much: 1 }, colour: 'red' });
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    const problem = answer.json<{ code: string; problems: { code: string; pointer: string; message: string }[] }>();
    expect(problem.code).toBe('REQUEST_INVALID');
    expect(problem.problems.map(({ code, pointer }) => `${code} ${pointer}`).sort()).toEqual([
      'FIELD_INVALID /limits/count',
      'FIELD_INVALID /name',
      'FIELD_UNKNOWN /colour',
      'FIELD_UNKNOWN /limits/much',
    ]);
    expect((await post({ name: 'a', limits: { count: 1 } })).statusCode).toBe(201);
  });

  it('takes an unknown query parameter for a mistake', async () => {
    const answer = await app.inject('/things?knid=a');
    expect(answer.json()).toMatchObject({ code: 'REQUEST_INVALID', problems: [{ pointer: '/knid' }] });
    expect((await app.inject('/things?kind=a')).json()).toEqual({ kind: 'a' });
  });

  it('refuses a body that nests absurdly deep', async () => {
    const deep = `{"name":"a","limits":{"count":1},"config":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`;
    expect((await post(deep)).json()).toMatchObject({ code: 'REQUEST_INVALID', status: 400 });
  });

  it.each([
    ['a body that is not JSON', '{"name":', 'application/json', 400, 'BODY_MALFORMED'],
    ['an empty JSON body', '', 'application/json', 400, 'BODY_MALFORMED'],
    ['a body of another type', '<a/>', 'text/xml', 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['a body that is too large', JSON.stringify('a'.repeat(1_100_000)), 'application/json', 413, 'BODY_TOO_LARGE'],
  ])('answers %s with a code', async (_what, payload, type, status, code) => {
    const answer = await post(payload, { 'content-type': type, 'content-length': String(payload.length) });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toMatchObject({ code, status });
  });

  it('refuses keys that reach for the prototype', async () => {
    const answer = await post('{"name":"a","limits":{"count":1},"__proto__":{"admin":true}}');
    expect(answer.json()).toMatchObject({ status: 400 });
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  it('answers a coded error with its problem', async () => {
    const answer = await app.inject('/things/coded');
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({
      code: 'MODULE_NOT_FOUND',
      asked: 'x',
      type: '/docs/errors#module-not-found',
    });
  });

  it.each(['/things/thrown', '/things/text'])('tells of %s the request id alone, and the log the rest', async (url) => {
    lines.length = 0;
    const answer = await app.inject(url);
    const problem = answer.json<{ code: string; requestId: string }>();
    expect(answer.statusCode).toBe(500);
    expect(problem).toMatchObject({ code: 'INTERNAL_ERROR' });
    expect(answer.body).not.toMatch(/hunter2|TypeError|\.ts/);
    expect(lines.join()).toContain('hunter2');
    expect(lines.join()).toContain(`"requestId":"${problem.requestId}"`);
  });

  it.each(['/nothing', '/things/missing', '/'])('answers %s, where nothing is, with ROUTE_NOT_FOUND', async (url) => {
    const answer = await app.inject(url);
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ code: 'ROUTE_NOT_FOUND', status: 404 });
  });

  it('answers a malformed URL with a problem', async () => {
    const { port } = app.getHttpServer().address() as AddressInfo;
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      socket.on('end', () => resolve(text)).on('error', reject);
      socket.write('GET /things/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    });
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('"code":"REQUEST_INVALID"');
  });

  it("leaves what fails on a module's route to Nest", async () => {
    const malformed = await app.inject({
      method: 'POST',
      url: '/api/v1/m/hello',
      payload: '{',
      headers: { 'content-type': 'application/json' },
    });
    expect(malformed.statusCode).toBe(400);
    expect(malformed.headers['content-type']).toMatch(/^application\/json/);
    expect(malformed.json()).toMatchObject({ statusCode: 400 });
    expect(malformed.json()).not.toHaveProperty('type');
    const missing = await app.inject('/api/v1/m/hello');
    expect(missing.json()).toMatchObject({ status: 404, code: 'ROUTE_NOT_FOUND' });
  });
});
