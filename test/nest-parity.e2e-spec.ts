import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ScheduleModule } from '@nestjs/schedule';
import NestEverythingModule from './fixtures/modules/nest-everything/src/index.js';
import { eventually } from './support/eventually.js';
import { HostProcess } from './support/host-process.js';
import { ISOLATIONS } from './support/isolations.js';

const PREFIX = '/api/v1/m/nest-everything';

interface Question {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** In their order: some change what later ones see. */
const QUESTIONS: readonly Question[] = [
  { path: '/items' },
  { path: '/items?limit=2&sort=name' },
  { path: '/items?limit=eleven' },
  { path: '/items/secret' },
  { path: '/items/many?ids=1,3&loud=true' },
  { path: '/items/many?ids=1,x' },
  { path: '/items/2' },
  { path: '/items/two' },
  { path: '/items/99' },
  { method: 'HEAD', path: '/items/2' },
  { method: 'HEAD', path: '/items/probe' },
  { method: 'OPTIONS', path: '/items/probe' },
  { method: 'POST', path: '/items', body: { name: 'rug', size: { width: 3, height: 4 }, stripped: true } },
  { method: 'POST', path: '/items', body: { name: 'r', size: { width: 'wide' } } },
  { method: 'POST', path: '/items', headers: { 'content-type': 'application/json' }, body: '{"name":' },
  { method: 'POST', path: '/items', headers: { 'content-type': 'application/x-unheard-of' }, body: 'rug' },
  { method: 'PUT', path: '/items/1', body: { name: 'lamp', size: { width: 9, height: 9 } } },
  { method: 'PATCH', path: '/items/2/name', body: { name: 'bureau' } },
  { method: 'POST', path: '/items/2/order' },
  { method: 'DELETE', path: '/items/3' },
  { method: 'DELETE', path: '/items/3' },
  { path: '/protected/word/stop' },
  { path: '/protected/word/stop', headers: { 'x-key': 'lamp', 'user-agent': 'parity' } },
  { path: '/protected/admin', headers: { 'x-key': 'lamp' } },
  { path: '/protected/admin', headers: { 'x-key': 'lamp', 'x-role': 'admin' } },
  { path: '/protected/teapot', headers: { 'x-key': 'lamp' } },
  { path: '/protected/broken', headers: { 'x-key': 'lamp' } },
  { path: '/scopes', headers: { 'x-echo': 'hello' } },
  { path: '/scopes' },
  { path: '/scopes', headers: { 'x-stop': 'yes' } },
  { path: '/scopes/resolved' },
  { path: '/lifecycle' },
  { path: '/tenant', headers: { host: 'acme.example.test' } },
  { path: '/v1/versions' },
  { path: '/v2/versions' },
  { path: '/v3/versions' },
  { path: '/versions/any' },
  { path: '/fastify/config' },
  { path: '/fastify/constrained', headers: { host: 'inside.example.test' } },
  { path: '/fastify/shaped' },
  { method: 'POST', path: '/fastify/checked', body: { count: '7' } },
  { method: 'POST', path: '/fastify/checked', body: {} },
  { path: '/answers/text' },
  { path: '/answers/number' },
  { path: '/answers/nothing' },
  { path: '/answers/null' },
  { path: '/answers/promise' },
  { path: '/answers/observable' },
  { path: '/answers/buffer' },
  { path: '/answers/file' },
  { path: '/answers/events' },
  { path: '/answers/redirect' },
  { path: '/answers/redirect?to=/elsewhere' },
  { path: '/answers/reply' },
  { path: '/answers/passthrough' },
  ...['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method) => ({ method, path: '/answers/any' })),
  { path: '/answers/deep/a/b%20c' },
  { path: '/answers/query?a=1&a=2&b=%C3%A4' },
  { method: 'POST', path: '/answers/body', body: [1, 'two'] },
  { method: 'POST', path: '/answers/body', headers: { 'content-type': 'text/plain' }, body: 'plain' },
  { method: 'POST', path: '/answers/body' },
  { path: '/answers/failure' },
];

/** What no route answers: a 404 in both, docked in the host's own form. */
const UNMATCHED: readonly Question[] = [
  { method: 'DELETE', path: '/items' },
  { path: '/tenant' },
  { path: '/v4/versions' },
  { path: '/versions' },
  { path: '/fastify/constrained' },
];

/** Those that differ between any two answers, and what the static app sets for the connection alone. */
const IGNORED_HEADERS = new Set(['date', 'connection', 'keep-alive']);

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe.each(ISOLATIONS)('a Nest module, %s, answers docked as it does in a static app', (_where, manifest) => {
  let host: HostProcess;
  let app: NestFastifyApplication;
  let staticUrl: string;

  beforeAll(async () => {
    host = await HostProcess.start({ modules: ['nest-everything'], manifest });
    const { status, body } = await host.admin('POST', '/modules/nest-everything/enable');
    expect([status, body.error]).toEqual([200, null]);

    @Module({ imports: [ScheduleModule.forRoot(), NestEverythingModule] })
    class StaticModule {}
    app = await NestFactory.create<NestFastifyApplication>(StaticModule, new FastifyAdapter(), { logger: false });
    app.setGlobalPrefix(PREFIX);
    app.enableVersioning();
    await app.listen(0, '127.0.0.1');
    staticUrl = await app.getUrl();
  });
  afterAll(async () => {
    await app.close();
    await host.dispose();
  });

  it.each(QUESTIONS.map((question) => [title(question), question] as const))('%s', async (_title, question) => {
    const expected = await ask(staticUrl, question);
    const answer = await ask(host.url, question);
    const compared = Object.keys(expected.headers).filter((name) => !IGNORED_HEADERS.has(name));
    expect({ ...answer, headers: pick(answer.headers, compared) }).toEqual({
      ...expected,
      headers: pick(expected.headers, compared),
    });
  });

  it.each(UNMATCHED.map((question) => [title(question), question] as const))('no: %s', async (_title, question) => {
    expect((await ask(staticUrl, question)).status).toBe(404);
    const { status, body } = await ask(host.url, question);
    expect([status, JSON.parse(body)]).toMatchObject([404, { code: 'ROUTE_NOT_FOUND' }]);
  });

  it('runs what is scheduled', async () => {
    await eventually(async () => {
      const { body } = await ask(host.url, { path: '/ticks' });
      const { cron, interval, timeout } = JSON.parse(body) as Record<string, number>;
      expect([cron, interval].every((count) => Number(count) > 0)).toBe(true);
      expect(timeout).toBe(1);
    });
  });

  it('calls the hooks of shutting down when the module is disabled', async () => {
    const hooks = join(host.modulesDir, 'nest-everything', 'hooks.log');
    await writeFile(hooks, '');
    await chmod(hooks, 0o666); // the module may run as another user
    expect((await host.admin('POST', '/modules/nest-everything/disable')).status).toBe(200);
    expect(await readFile(hooks, 'utf8')).toBe('onModuleDestroy\nbeforeApplicationShutdown\nonApplicationShutdown\n');
    expect((await ask(host.url, { path: '/ticks' })).status).toBe(404);
  });
});

function title({ method = 'GET', path, headers, body }: Question): string {
  const more = [headers, body].filter((part) => part !== undefined).map((part) => JSON.stringify(part));
  return [method, path, ...more].join(' ');
}

function ask(url: string, { method = 'GET', path, headers = {}, body }: Question): Promise<Answer> {
  const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const json = payload !== undefined && { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    httpRequest(url + PREFIX + path, { method, headers: { ...json, ...headers }, agent: false }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode, headers: response.headers, body }), reject);
    })
      .on('error', reject)
      .end(payload);
  });
}

function pick(headers: IncomingHttpHeaders, names: readonly string[]): IncomingHttpHeaders {
  return Object.fromEntries(names.map((name) => [name, headers[name]]));
}
