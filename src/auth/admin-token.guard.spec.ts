import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import helmet from '@fastify/helmet';
import { Controller, Delete, Get, Global, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { connect, type AddressInfo } from 'node:net';
import { pino } from 'pino';
import { LOGGER } from '../common/logging/logger.js';
import { HOST_CONFIG } from '../config/host-config.js';
import { AuthModule } from './auth.module.js';

const TOKEN = 'correct-horse-battery';
const reached: string[] = [];
const reach = (route: string): { route: string } => {
  reached.push(route);
  return { route };
};

@Controller('api/v1/modules')
class ModulesController {
  @Get() list(): object {
    return reach('modules');
  }
  @Post('scan') scan(): object {
    return reach('scan');
  }
  @Delete(':name') remove(): object {
    return reach('remove');
  }
}

@Controller()
class OpenController {
  @Get('health') health(): object {
    return reach('health');
  }
}

@Global()
@Module({
  providers: [
    { provide: HOST_CONFIG, useValue: { adminToken: TOKEN, dataDir: '/nowhere' } },
    { provide: LOGGER, useValue: pino({ level: 'silent' }) },
  ],
  exports: [HOST_CONFIG, LOGGER],
})
class HostModule {}

@Module({ imports: [HostModule, AuthModule], controllers: [ModulesController, OpenController] })
class AppModule {}

async function createApp(): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), { logger: false });
  void app.register(helmet);
  app
    .getHttpAdapter()
    .getInstance()
    .all('/api/v1/m/*', () => reach('module'));
  return app;
}

describe('AdminTokenGuard', () => {
  let app: NestFastifyApplication;
  let port: number;

  beforeAll(async () => {
    app = await createApp();
    await app.listen(0, '127.0.0.1');
    port = (app.getHttpServer().address() as AddressInfo).port;
  });
  afterAll(() => app.close());

  /** Sends the request line as it stands: no client of ours tidies the URL. */
  const raw = (line: string, ...headers: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      let answer = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
      socket.on('end', () => resolve(answer)).on('error', reject);
      socket.write([`${line} HTTP/1.1`, 'Host: nestdock', 'Connection: close', ...headers, '', ''].join('\r\n'));
    });
  const statusOf = (answer: string): number => Number(answer.slice(9, 12));

  it.each([
    'GET /api/v1/modules',
    'GET /api/v1/modules?status=ENABLED',
    'GET /api/v1/modules?x=/api/v1/m/',
    'GET /api/v1/modules#/api/v1/m/',
    'GET /api/v1/modules;/api/v1/m/',
    'GET /api/v1/%6dodules',
    'GET /%61pi/v1/modules',
    'GET http://nestdock/api/v1/modules',
    'HEAD /api/v1/modules',
    'POST /api/v1/modules/scan',
    'DELETE /api/v1/modules/m',
    'DELETE /api/v1/modules/..%2fm%2f',
    'OPTIONS /api/v1/modules',
    'GET /api/v1/modules/',
    'GET /api/v1/unknown',
    'GET /api/v1/unknown/',
    'GET /api/v1',
    'GET /api/v1/',
    'GET /api/v1?m/',
    'GET /api/v1/m',
    'GET /api/v1/mm/',
    'GET /api/v1//m/hello',
    'GET /api/v1/./modules',
    'GET /api/v1/../v1/modules',
  ])('closes %s', async (line) => {
    reached.length = 0;
    const answer = await raw(line);
    expect(statusOf(answer)).toBe(401);
    expect(reached).toEqual([]);
  });

  it.each([
    'GET //api/v1/modules',
    'GET /API/V1/modules',
    'GET /api/V1/modules',
    'GET /api/v1/m/../modules',
    'GET http://nestdock/api/v1/m/../modules',
    'GET /api/v1/m/..%2fmodules',
    'GET /api/v1/m/%2e%2e/modules',
    'GET /api/v1/m/..\\modules',
    'GET /api%2fv1%2fmodules',
    'GET \\api\\v1\\modules',
    'GET /api/v1/%zz',
  ])('lets no admin route be reached by %s', async (line) => {
    reached.length = 0;
    await raw(line);
    expect(reached.filter((route) => route !== 'module')).toEqual([]);
  });

  it.each([
    ['GET /health', 'health'],
    ['GET /api/v1/m/hello', 'module'],
    ['GET /api/v1/%6d/hello', 'module'],
    ['POST /api/v1/m/hello/api/v1/modules', 'module'],
  ])('leaves %s open', async (line, route) => {
    reached.length = 0;
    expect(statusOf(await raw(line, ...(line.startsWith('POST') ? ['Content-Length: 0'] : [])))).toBe(200);
    expect(reached).toEqual([route]);
  });

  it('opens to the token, and to the token alone', async () => {
    expect(statusOf(await raw('GET /api/v1/modules', `Authorization: Bearer ${TOKEN}`))).toBe(200);
    expect(statusOf(await raw('GET /api/v1/unknown', `Authorization: Bearer ${TOKEN}`))).toBe(404);
    expect(statusOf(await raw('GET /api/v1/modules', 'Authorization: Bearer wrong'))).toBe(401);
    // Node keeps the first of two headers.
    const two = ['Authorization: Bearer wrong', `Authorization: Bearer ${TOKEN}`];
    expect(statusOf(await raw('GET /api/v1/modules', ...two))).toBe(401);
    expect(statusOf(await raw(`GET /api/v1/modules?authorization=Bearer%20${TOKEN}`))).toBe(401);
  });

  it('says what is wanted, as a problem, under the security headers', async () => {
    const answer = await app.inject('/api/v1/modules');
    expect(answer.headers).toMatchObject({
      'content-type': expect.stringMatching(/^application\/problem\+json(;|$)/),
      'www-authenticate': 'Bearer realm="nestdock"',
      'x-content-type-options': 'nosniff',
    });
    expect(answer.json()).toMatchObject({ code: 'UNAUTHORIZED', status: 401, type: '/docs/errors#unauthorized' });
    const wrong = await app.inject({ url: '/api/v1/modules', headers: { authorization: 'Bearer wrong' } });
    expect(wrong.headers['www-authenticate']).toBe('Bearer realm="nestdock", error="invalid_token"');
    expect(wrong.body).not.toContain(TOKEN);
  });

  it('lets browsers of an allowed origin ask first, and read the refusal', async () => {
    const origin = 'https://console.example';
    const headers = {
      origin,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    };
    const shared = await createApp();
    try {
      shared.enableCors({ origin: [origin] });
      await shared.init();
      const preflight = await shared.inject({ method: 'OPTIONS', url: '/api/v1/modules', headers });
      expect(preflight.statusCode).toBe(204);
      const refusal = await shared.inject({ url: '/api/v1/modules', headers: { origin } });
      expect([refusal.statusCode, refusal.headers['access-control-allow-origin']]).toEqual([401, origin]);
    } finally {
      await shared.close();
    }
  });

  it('refuses before it reads the body', async () => {
    const answer = await raw('POST /api/v1/modules/scan', 'Content-Type: application/json', 'Content-Length: 999999');
    expect(statusOf(answer)).toBe(401);
  });
});
