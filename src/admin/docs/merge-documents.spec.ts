import { describe, expect, it } from '@jest/globals';
import { type OpenAPIObject } from '@nestjs/swagger';
import { mergeDocuments, type ModuleDocument } from './merge-documents.js';

const document = (parts: Partial<OpenAPIObject>): OpenAPIObject => ({
  openapi: '3.0.0',
  info: { title: '', version: '1' },
  paths: {},
  ...parts,
});
const module = (name: string, parts: Partial<OpenAPIObject>): ModuleDocument => ({
  name,
  displayName: name.toUpperCase(),
  description: `the ${name} module`,
  document: document(parts),
});
const ref = (name: string, section = 'schemas') => ({ $ref: `#/components/${section}/${name}` });
const ok = { 200: { description: 'ok' } };

describe('mergeDocuments', () => {
  it('keeps the DTOs of two modules apart, and every reference with its own', () => {
    const parts = (field: string): Partial<OpenAPIObject> => ({
      components: {
        schemas: {
          CreateDto: { type: 'object', properties: { [field]: ref('Inner'), $ref: { type: 'string' } } },
          Inner: { type: 'object', properties: { self: { type: 'array', items: ref('Inner') } } },
        },
        responses: { Made: { description: '', content: { 'application/json': { schema: ref('CreateDto') } } } },
      },
    });
    const path = (name: string) => ({
      [`/api/v1/m/${name}/x`]: {
        post: {
          operationId: 'create',
          requestBody: { content: { 'application/json': { schema: ref('CreateDto') } } },
          responses: { 200: ref('Made', 'responses') },
        },
      },
    });
    const merged = mergeDocuments(document({ components: { schemas: { CreateDto: { type: 'string' } } } }), [
      module('one', { ...parts('a'), paths: path('one') }),
      module('two', { ...parts('b'), paths: path('two') }),
    ]);
    expect(merged.components?.schemas).toEqual({
      CreateDto: { type: 'string' },
      'one.CreateDto': { type: 'object', properties: { a: ref('one.Inner'), $ref: { type: 'string' } } },
      'one.Inner': { type: 'object', properties: { self: { type: 'array', items: ref('one.Inner') } } },
      'two.CreateDto': { type: 'object', properties: { b: ref('two.Inner'), $ref: { type: 'string' } } },
      'two.Inner': { type: 'object', properties: { self: { type: 'array', items: ref('two.Inner') } } },
    });
    const operation = merged.paths['/api/v1/m/two/x']?.post;
    expect(operation).toMatchObject({
      operationId: 'two.create',
      tags: ['two'],
      requestBody: { content: { 'application/json': { schema: ref('two.CreateDto') } } },
      responses: { 200: ref('two.Made', 'responses') },
    });
    expect(merged.tags).toEqual([
      { name: 'one', description: 'ONE: the one module' },
      { name: 'two', description: 'TWO: the two module' },
    ]);
  });

  it('follows discriminators, whether they map to references or to names', () => {
    const pets = {
      oneOf: [ref('Dog'), ref('Cat')],
      discriminator: { propertyName: 'kind', mapping: { dog: '#/components/schemas/Dog', cat: 'Cat' } },
    };
    const merged = mergeDocuments(document({}), [
      module('pets', { components: { schemas: { Pet: pets, Dog: {}, Cat: {} } } }),
    ]);
    expect(merged.components?.schemas?.['pets.Pet']).toEqual({
      oneOf: [ref('pets.Dog'), ref('pets.Cat')],
      discriminator: {
        propertyName: 'kind',
        mapping: { dog: '#/components/schemas/pets.Dog', cat: '#/components/schemas/pets.Cat' },
      },
    });
  });

  it("takes a module's own security to its operations, under names of its own", () => {
    const merged = mergeDocuments(
      document({ security: [{ 'admin-token': [] }], components: { securitySchemes: { key: { type: 'http' } } } }),
      [
        module('one', {
          security: [{ key: [] }],
          components: { securitySchemes: { key: { type: 'apiKey' } } },
          paths: {
            '/api/v1/m/one/a': { get: { responses: ok } },
            '/api/v1/m/one/b': { get: { responses: ok, security: [] } },
          },
        }),
      ],
    );
    expect(merged.components?.securitySchemes).toEqual({ key: { type: 'http' }, 'one.key': { type: 'apiKey' } });
    expect(merged.paths['/api/v1/m/one/a']?.get?.security).toEqual([{ 'one.key': [] }]);
    expect(merged.paths['/api/v1/m/one/b']?.get?.security).toEqual([]);
    expect(merged.security).toEqual([{ 'admin-token': [] }]);
  });

  it('lets a module show nothing outside its own prefix', () => {
    const host = document({ paths: { '/health': { get: { summary: 'host', responses: ok } } } });
    const merged = mergeDocuments(host, [
      module('one', {
        paths: {
          '/health': { get: { responses: ok } },
          '/api/v1/m/one-more/x': { get: { responses: ok } },
          '/api/v1/m/one': { get: { responses: ok } },
        },
      }),
    ]);
    expect(Object.keys(merged.paths)).toEqual(['/health', '/api/v1/m/one']);
    expect(merged.paths['/health']?.get?.summary).toBe('host');
  });

  it('leaves what it was given as it is', () => {
    const host = document({ tags: [{ name: 'Modules' }], components: { schemas: { A: {} } } });
    const one = module('one', {
      components: { schemas: { A: {} } },
      paths: { '/api/v1/m/one': { get: { responses: ok } } },
    });
    const before = structuredClone([host, one]);
    mergeDocuments(host, [one]);
    expect([host, one]).toEqual(before);
  });
});
