import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject } from '@nestjs/swagger';
import { Ajv } from 'ajv';
import { adminApp } from '../../../test/support/admin-app.js';
import { FakeJobs } from '../../../test/support/fake-jobs.js';
import { FakeLifecycle } from '../../../test/support/fake-lifecycle.js';
import { ERROR_CATALOGUE } from '../../common/errors/catalogue.js';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { type ApiDocument } from './api-document.service.js';

const helloDocument = (): OpenAPIObject => ({
  openapi: '3.0.0',
  info: { title: 'hello', version: '1' },
  paths: { '/api/v1/m/hello/greet': { get: { responses: { 200: { description: 'ok' } } } } },
});

describe('the docs', () => {
  const lifecycle = new FakeLifecycle();
  let app: NestFastifyApplication;
  beforeAll(async () => {
    app = await adminApp([...lifecycle.providers, new FakeJobs().provider]);
  });
  afterAll(() => app.close());
  afterEach(() => {
    lifecycle.generations.length = 0;
  });
  const fetchDocument = async (): Promise<ApiDocument> => (await app.inject('/docs-json')).json<ApiDocument>();

  it("describes the host's own routes: tags, summaries, answers, the token", async () => {
    const { paths, components } = await fetchDocument();
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['/health', '/health/ready', '/schemas/manifest.json', '/api/v1/modules/{name}/enable']),
    );
    expect(Object.keys(paths).filter((path) => path.startsWith('/docs'))).toEqual([]);
    for (const [path, item] of Object.entries(paths)) {
      for (const operation of Object.values(item) as NonNullable<(typeof item)['get']>[]) {
        expect(operation).toMatchObject({
          tags: [expect.any(String)],
          summary: expect.any(String),
          responses: { default: { content: { 'application/problem+json': expect.anything() } } },
        });
        const wantsToken = path.startsWith('/api/v1');
        expect(operation.security).toEqual(wantsToken ? [{ 'admin-token': [] }] : undefined);
      }
    }
    expect(components?.securitySchemes?.['admin-token']).toMatchObject({ type: 'http', scheme: 'bearer' });
    expect(paths['/api/v1/modules']?.get?.responses[200]).toMatchObject({
      content: { 'application/json': { schema: { $ref: '#/components/schemas/ModuleListResponse' } } },
    });
  });

  it('refers to nothing that is not there', async () => {
    const document = await fetchDocument();
    const names = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);
    expect(names).toContain('ProblemResponse');
    expect(Object.keys(document.components?.schemas ?? {})).toEqual(expect.arrayContaining(names));
  });

  it('shows a module while it is loaded, and no longer', async () => {
    lifecycle.serve('hello', helloDocument);
    const loaded = await fetchDocument();
    expect(loaded.paths['/api/v1/m/hello/greet']?.get?.tags).toEqual(['hello']);
    expect(loaded.tags).toContainEqual({ name: 'hello', description: 'HELLO: the hello module' });
    lifecycle.generations.length = 0;
    const unloaded = await fetchDocument();
    expect(unloaded.paths['/api/v1/m/hello/greet']).toBeUndefined();
    expect(unloaded.tags?.map(({ name }) => name)).not.toContain('hello');
  });

  it('shows the new generation after a reload', async () => {
    lifecycle.serve('hello', helloDocument);
    await fetchDocument();
    lifecycle.generations.length = 0;
    lifecycle.serve('hello', () => ({ ...helloDocument(), paths: { '/api/v1/m/hello/new': {} } }));
    expect(Object.keys((await fetchDocument()).paths).filter((path) => path.startsWith('/api/v1/m/'))).toEqual([
      '/api/v1/m/hello/new',
    ]);
  });

  it("builds a generation's document once", async () => {
    let built = 0;
    lifecycle.serve('hello', () => {
      built++;
      return helloDocument();
    });
    await fetchDocument();
    await fetchDocument();
    expect(built).toBe(1);
  });

  it('names a module whose document cannot be built, and shows the others', async () => {
    lifecycle.serve('broken', () => {
      throw new Error('circular dependency in Dto');
    });
    lifecycle.serve('hello', helloDocument);
    const document = await fetchDocument();
    expect(document['x-errors']).toEqual([{ module: 'broken', detail: 'circular dependency in Dto' }]);
    expect(document.paths['/api/v1/m/hello/greet']).toBeDefined();
  });

  it('is never answered from a cache', async () => {
    expect((await app.inject('/docs-json')).headers['cache-control']).toBe('no-store');
  });

  describe('Swagger UI', () => {
    it('finds every file it refers to, of the right type', async () => {
      const page = await app.inject('/docs');
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
      const urls = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url = '']) => url);
      expect(urls).toHaveLength(4);
      const types = { css: /^text\/css/, js: /^text\/javascript/, png: /^image\/png/ };
      for (const url of urls) {
        const asset = await app.inject(new URL(url, 'http://host/docs').pathname);
        expect([url, asset.statusCode]).toEqual([url, 200]);
        expect(asset.headers['content-type']).toMatch(types[url.split('.').at(-1) as keyof typeof types]);
        expect(asset.rawPayload.length).toBeGreaterThan(50);
      }
    });

    it('stands under the content security policy', async () => {
      const page = await app.inject('/docs');
      const policy = page.headers['content-security-policy'];
      expect(policy).toContain("script-src 'self'");
      expect(policy).not.toContain('upgrade-insecure-requests');
      expect(page.body).not.toMatch(/<script(?![^>]* src=)|<style| on[a-z]+=| style=|https?:\/\//);
    });

    it('fetches the document each time it is opened', async () => {
      const script = (await app.inject('/docs/start.js')).body;
      const [, url = ''] = /url: '([^']+)'/.exec(script) ?? [];
      expect((await app.inject(new URL(url, 'http://host/docs').pathname)).json()).toMatchObject({ openapi: '3.0.0' });
    });

    it.each(['/docs/package.json', '/docs/..%2fpackage.json', '/docs/constructor', '/docs/', '/docs/a/b'])(
      'serves nothing else (%s)',
      async (url) => {
        expect((await app.inject(url)).json()).toMatchObject({ code: 'ROUTE_NOT_FOUND' });
      },
    );
  });

  it('lets the type of a problem be followed', async () => {
    const page = await app.inject('/docs/errors');
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    for (const code of Object.keys(ERROR_CATALOGUE) as (keyof typeof ERROR_CATALOGUE)[]) {
      const [path, anchor] = new NestdockError(code, '').toProblem().type.split('#');
      expect(path).toBe('/docs/errors');
      expect(page.body).toContain(`<section id="${anchor}">`);
    }
    expect(page.body).not.toMatch(/undefined|<script/);
  });

  it("publishes the manifest's JSON Schema", async () => {
    const answer = await app.inject('/schemas/manifest.json');
    expect(answer.headers['content-type']).toMatch(/^application\/schema\+json/);
    const schema = answer.json<{ required: string[] }>();
    expect(schema.required).toContain('displayName');
    expect(() => new Ajv({ strict: false, validateFormats: false }).compile(schema)).not.toThrow();
  });
});
