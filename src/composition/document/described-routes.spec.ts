import { describe, expect, it } from '@jest/globals';
import { describeRoutes, toOpenApiPath } from './described-routes.js';

describe('toOpenApiPath', () => {
  it.each([
    ['/a/:id', '/a/{id}'],
    ['/a/:id(^\\d+$)/b', '/a/{id}/b'],
    ['/a/:id([a-z]+(?:x))', '/a/{id}'],
    ['/a/:from-:to', '/a/{from}-{to}'],
    ['/a/:id?', '/a/{id}'],
    ['/files/*', '/files/{wildcard}'],
    ['/a::b', '/a:b'],
  ])('%s becomes %s', (path, expected) => expect(toOpenApiPath(path)).toBe(expected));
});

describe('describeRoutes', () => {
  it('describes parameters that no schema does, and leaves methods out that OpenAPI does not know', () => {
    const paths = describeRoutes([
      { method: 'GET', path: '/a/:id' },
      { method: 'SEARCH', path: '/b' },
    ]);
    expect(paths).toEqual({
      '/a/{id}': {
        get: {
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
          responses: { 200: { description: 'OK' } },
        },
      },
    });
  });
});
