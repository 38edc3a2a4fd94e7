import { describe, expect, test } from '@jest/globals';
import { fieldValueFlaw, optionValues } from './field-value.js';
import { type ManifestField } from './manifest.js';

describe('fieldValueFlaw', () => {
  test.each<[ManifestField, unknown, string | undefined]>([
    [{ type: 'string' }, '', undefined],
    [{ type: 'string' }, 1, 'must be a string'],
    [{ type: 'string' }, null, 'must be a string'],
    [{ type: 'string', min: 2 }, '😀', 'must be at least 2 characters long'],
    [{ type: 'string', max: 2 }, '😀😀', undefined],
    [{ type: 'password', max: 2 }, 'abc', 'must be at most 2 characters long'],
    [{ type: 'string', pattern: '^[a-z]+$' }, 'abc', undefined],
    [{ type: 'string', pattern: '^[a-z]+$' }, 'ABC', 'must match `^[a-z]+$`'],
    [{ type: 'number', min: 1, max: 3 }, 2, undefined],
    [{ type: 'number', min: 1 }, 0, 'must be at least 1'],
    [{ type: 'number', max: 3 }, 4, 'must be at most 3'],
    [{ type: 'number' }, '5', 'must be a number'],
    [{ type: 'number' }, Number.NaN, 'must be a number'],
    [{ type: 'boolean' }, false, undefined],
    [{ type: 'boolean' }, 0, 'must be true or false'],
    [{ type: 'json' }, { any: ['thing'] }, undefined],
    [{ type: 'select', options: ['a', { value: 2, label: 'Two' }] }, 2, undefined],
    [{ type: 'select', options: ['a', { value: 2, label: 'Two' }] }, '2', 'must be one of `a`, `2`'],
  ])('%j with %j: %s', (field, value, flaw) => {
    expect(fieldValueFlaw(field, value)).toBe(flaw);
  });

  test('a pattern that backtracks for ever is stopped', () => {
    const field: ManifestField = { type: 'string', pattern: '^(a+)+$' };
    expect(fieldValueFlaw(field, `${'a'.repeat(60)}!`)).toBe('takes too long to be matched with `^(a+)+$`');
  });

  test('the values of a select field', () => {
    expect(optionValues({ type: 'select', options: ['a', 1, { value: 'b' }] })).toEqual(['a', 1, 'b']);
    expect(optionValues({ type: 'string' })).toEqual([]);
  });
});
