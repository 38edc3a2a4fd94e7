import { describe, expect, it } from '@jest/globals';
import { toOpenApiSchema } from './open-api-schema.js';

describe('toOpenApiSchema', () => {
  const node = { type: 'object', properties: { next: { $ref: '#/definitions/node' } } };
  it.each<[string, unknown, object]>([
    ['true', true, {}],
    ['false', false, { not: {} }],
    ['a type or null', { type: ['string', 'null'] }, { type: 'string', nullable: true }],
    ['several types', { type: ['string', 'number'] }, { anyOf: [{ type: 'string' }, { type: 'number' }] }],
    ['a constant', { const: 5 }, { enum: [5] }],
    ['an exclusive bound', { exclusiveMinimum: 1 }, { minimum: 1, exclusiveMinimum: true }],
    ['a tuple', { items: [{ type: 'string' }, true] }, { items: { anyOf: [{ type: 'string' }, {}] } }],
    ['examples', { examples: ['a', 'b'] }, { example: 'a' }],
    ['what OpenAPI has no word for', { $schema: 'x', $id: 'y', if: {}, patternProperties: {} }, {}],
    ['no more properties', { additionalProperties: false }, { additionalProperties: false }],
    ['a reference', { $ref: '#/definitions/a', definitions: { a: { type: 'null' } } }, { nullable: true }],
    ['a reference that leads nowhere', { $ref: 'https://example.com/x' }, {}],
    ['a cycle', { $ref: '#/definitions/node', definitions: { node } }, { type: 'object', properties: { next: {} } }],
  ])('says %s', (_what, schema, expected) => expect(toOpenApiSchema(schema)).toEqual(expected));
});
