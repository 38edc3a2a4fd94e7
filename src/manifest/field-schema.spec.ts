import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { fieldsSchema } from './field-schema.js';
import { type ManifestField } from './manifest.js';

describe('fieldsSchema', () => {
  it.each<[string, ManifestField, object]>([
    ['a string', { type: 'string' }, { type: 'string' }],
    [
      'a string with bounds',
      { type: 'string', min: 1, max: 9, pattern: '^a' },
      { type: 'string', minLength: 1, maxLength: 9, pattern: '^a' },
    ],
    ['a number', { type: 'number', min: 0, max: 10 }, { type: 'number', minimum: 0, maximum: 10 }],
    ['a boolean', { type: 'boolean', default: false }, { type: 'boolean', default: false }],
    ['anything', { type: 'json', default: null }, { default: null }],
    ['a choice', { type: 'select', options: ['a', 2] }, { enum: ['a', 2] }],
    [
      'a choice with labels',
      { type: 'select', options: [{ value: 'a', label: 'First' }, 'b'], default: 'a' },
      {
        enum: ['a', 'b'],
        oneOf: [
          { const: 'a', title: 'First' },
          { const: 'b', title: 'b' },
        ],
        default: 'a',
      },
    ],
    [
      'a secret, without its default',
      { type: 'password', min: 8, default: 'hunter22' },
      { type: 'string', format: 'password', writeOnly: true, minLength: 8 },
    ],
    [
      'what is said of it',
      { type: 'string', label: 'Name', description: 'Shown to all' },
      { title: 'Name', description: 'Shown to all', type: 'string' },
    ],
  ])('describes %s', (_what, field, property) => {
    const schema = fieldsSchema({ it: field });
    expect(schema.properties['it']).toEqual(property);
    expect(new Ajv({ strict: false, formats: { password: true } }).validateSchema(schema)).toBe(true);
  });

  it('names what needs a value, and takes no other field', () => {
    expect(fieldsSchema({ a: { type: 'string', required: true }, b: { type: 'json', required: false } })).toEqual({
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      properties: { a: { type: 'string' }, b: {} },
      required: ['a'],
      additionalProperties: false,
    });
    expect(fieldsSchema({})).not.toHaveProperty('required');
  });
});
