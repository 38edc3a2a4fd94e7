import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Module, type Type, type VersioningOptions, VersioningType } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type InjectOptions } from 'fastify';
import { ModuleVersioning } from '../sdk/index.js';
import { CatalogueModule, EditionsModule } from './spec-support/catalogue-module.js';
import { TestHost } from './spec-support/test-host.js';

const json = (payload: object) => ({ method: 'POST', payload }) as const;
const cat = { name: 'Tom', age: 3, address: { street: 'Main' } };

const REQUESTS: Record<string, InjectOptions> = {
  'a list': { url: '/cats?limit=5&x=1' },
  text: { url: '/cats/plain' },
  undefined: { url: '/cats/nothing' },
  null: { url: '/cats/null' },
  'an observable': { url: '/cats/observable' },
  'a promise': { url: '/cats/promise' },
  'address and headers': { url: '/cats/ip', headers: { accept: 'x/y' } },
  'a parameter': { url: '/cats/item/7' },
  'a parameter that a pipe refuses': { url: '/cats/item/seven' },
  'an encoded parameter': { url: '/cats/deep/a%2Fb/x/%C3%BC?q=1' },
  'two parameters in a segment': { url: '/cats/range/1-20' },
  'an empty parameter': { url: '/cats/deep//x/b' },
  'a wildcard': { url: '/cats/files/a/b.txt' },
  'an empty wildcard': { url: '/cats/files/' },
  'a slash at the end': { url: '/cats/' },
  'a valid body': { url: '/cats', ...json({ ...cat, extra: 1 }) },
  'an invalid body': { url: '/cats', ...json({ ...cat, name: 'much too long', age: 0, address: {} }) },
  'no body': { url: '/cats', method: 'POST' },
  'a body that is no JSON': {
    url: '/cats',
    method: 'POST',
    payload: '{"a":',
    headers: { 'content-type': 'application/json' },
  },
  'a body of another type': { url: '/cats', method: 'POST', payload: 'x', headers: { 'content-type': 'text/x' } },
  'a form': {
    url: '/cats/accepted',
    method: 'POST',
    payload: 'a=1&b=2',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  },
  'a status of its own': { url: '/cats/accepted', ...json({ a: 1 }) },
  PUT: { url: '/cats/item/1', method: 'PUT', payload: { a: 1 } },
  PATCH: { url: '/cats/item/1', method: 'PATCH' },
  DELETE: { url: '/cats/item/1', method: 'DELETE' },
  OPTIONS: { url: '/cats/item/1', method: 'OPTIONS' },
  'HEAD of its own': { url: '/cats/headed', method: 'HEAD' },
  'HEAD that follows from GET': { url: '/cats/item/1', method: 'HEAD' },
  'one of all methods': { url: '/cats/all', method: 'PATCH' },
  'the first of two paths': { url: '/cats/one' },
  'the second of two paths': { url: '/cats/two' },
  'fixed headers': { url: '/cats/headers' },
  'a redirect': { url: '/cats/redirect' },
  'a dynamic redirect': { url: '/cats/redirect-dynamic' },
  'a reply of its own': { url: '/cats/reply' },
  'a reply passed through': { url: '/cats/passthrough' },
  'a stream': { url: '/cats/stream' },
  'HEAD of a stream': { url: '/cats/stream', method: 'HEAD' },
  'server-sent events': { url: '/cats/events' },
  'a guard that refuses': { url: '/cats/guarded' },
  'a guard that lets in': { url: '/cats/guarded', headers: { 'x-role': 'admin' } },
  'a guard of the class': { url: '/guard-of-class' },
  'a guard of the class that lets in': { url: '/guard-of-class', headers: { 'x-role': 'owner' } },
  'a guard of the application': { url: '/cats', headers: { 'x-banned': '1' } },
  'a request-scoped guard of the application': { url: '/cats', headers: { 'x-scoped': 'no' } },
  'an interceptor': { url: '/cats/wrapped' },
  'a filter': { url: '/cats/range-error' },
  'a filter of the application': { url: '/cats/syntax-error' },
  'an HTTP exception': { url: '/cats/http-error' },
  'an error': { url: '/cats/error' },
  'an asynchronous exception': { url: '/cats/async-error' },
  'a request-scoped controller': { url: '/scoped/agent', headers: { 'user-agent': 'jest' } },
  'a request-scoped controller whose pipe refuses': { url: '/scoped/broken/x' },
  'a host parameter': { url: '/tenant', headers: { host: 'acme.example.com' } },
  'another host': { url: '/tenant', headers: { host: 'example.org' } },
  'a version': { url: '/v1/versioned' },
  'one of two versions': { url: '/v3/versioned' },
  'an unknown version': { url: '/v4/versioned' },
  'a constraint': { url: '/cats/constrained', headers: { host: 'only.example.com' } },
  'a constraint that does not hold': { url: '/cats/constrained', headers: { host: 'other.example.com' } },
  'an unknown path': { url: '/cats/unknown/path' },
  'an unknown method': { url: '/cats/one', method: 'DELETE' },
  'a middleware that answers': { url: '/cats', headers: { 'x-stop': '1' } },
  'a middleware that fails': { url: '/cats', headers: { 'x-break': '1' } },
  'a middleware that throws': { url: '/cats', headers: { 'x-throw': '1' } },
  'a path that the middleware leaves out': { url: '/cats/plain', headers: { 'x-stop': '1' } },
};

/** Status, headers and body of an answer; only the moment of it may differ. */
const shapeOf = ({ statusCode, headers, body }: Awaited<ReturnType<NestFastifyApplication['inject']>>) => ({
  status: statusCode,
  headers: { ...headers, date: undefined },
  body,
});

describe('a module that is docked answers as one that is served statically:', () => {
  let docked: TestHost;
  let fixed: NestFastifyApplication;

  beforeAll(async () => {
    docked = await TestHost.start();
    await docked.load('catalogue', { entry: CatalogueModule });
    fixed = await startStatic(CatalogueModule, '/api/v1/m/catalogue', { type: VersioningType.URI });
  });
  afterAll(() => Promise.all([docked.stop(), fixed.close()]));

  it.each(Object.entries(REQUESTS))('%s', async (_title, request) => {
    const url = `/api/v1/m/catalogue${request.url as string}`;
    const expected = await fixed.inject({ ...request, url });
    expect(shapeOf(await docked.app.inject({ ...request, url }))).toEqual(shapeOf(expected));
  });
});

const extractor = (request: unknown) =>
  (request as { headers: Record<string, string> }).headers['x-edition']?.split(',') ?? '';
const VERSIONINGS: Record<string, [VersioningOptions, (version: string) => Record<string, string>]> = {
  'a header': [{ type: VersioningType.HEADER, header: 'X-Edition' }, (version) => ({ 'x-edition': version })],
  'the media type': [
    { type: VersioningType.MEDIA_TYPE, key: 'v=' },
    (version) => ({ accept: `application/json;v=${version}` }),
  ],
  'an extractor': [{ type: VersioningType.CUSTOM, extractor }, (version) => ({ 'x-edition': version })],
  'a header, with a default': [
    { type: VersioningType.HEADER, header: 'X-Edition', defaultVersion: '2' },
    (version) => ({ 'x-edition': version }),
  ],
};

describe.each(Object.entries(VERSIONINGS))(
  'versions by %s are chosen as in a static application:',
  (_by, versioning) => {
    const [options, headersFor] = versioning;
    let docked: TestHost;
    let fixed: NestFastifyApplication;

    beforeAll(async () => {
      class Entry extends EditionsModule {}
      ModuleVersioning(options)(Entry);
      docked = await TestHost.start();
      await docked.load('editions', { entry: Entry });
      fixed = await startStatic(EditionsModule, '/api/v1/m/editions', options);
    });
    afterAll(() => Promise.all([docked.stop(), fixed.close()]));

    it.each(['/editions', '/editions/listed', '/editions/strict'])('%s', async (path) => {
      for (const version of ['1', '2', '3', '4', '4,3,1', undefined]) {
        const request = { url: `/api/v1/m/editions${path}`, headers: version ? headersFor(version) : {} };
        const expected = shapeOf(await fixed.inject(request));
        expect({ version, ...shapeOf(await docked.app.inject(request)) }).toEqual({ version, ...expected });
      }
    });
  },
);

async function startStatic(module: Type, prefix: string, versioning: VersioningOptions) {
  class StaticRoot {}
  Module({ imports: [module] })(StaticRoot);
  const app = await NestFactory.create<NestFastifyApplication>(StaticRoot, new FastifyAdapter(), { logger: false });
  app.setGlobalPrefix(prefix);
  app.enableVersioning(versioning);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}
