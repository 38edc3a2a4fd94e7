import { describe, expect, it } from '@jest/globals';
import { isSealed, SecretBox } from '../common/secret-box.js';
import { maskSecrets, mergeValues, openSecrets, SECRET_MASK } from './field-values.js';
import { type ManifestFields } from './manifest.js';

const FIELDS: ManifestFields = {
  size: { type: 'number', min: 1 },
  name: { type: 'string' },
  more: { type: 'json' },
  token: { type: 'password', min: 4 },
};

const box = new SecretBox(['a-key'], 'test', ['hello']);
const merge = (kept: object, sent: object) => mergeValues(FIELDS, { ...kept }, { ...sent }, box);

describe('mergeValues', () => {
  it('merges, takes back what is null, and keeps what nothing was sent for', () => {
    expect(merge({ size: 1, name: 'a', gone: 2 }, { size: null, name: 'b' })).toEqual({
      values: { name: 'b', gone: 2 },
      problems: [],
    });
  });

  it('seals secrets, and leaves one whose mask is sent back', () => {
    const { values } = merge({}, { token: 'hunter2' });
    expect(isSealed(values['token'])).toBe(true);
    expect(merge(values, { token: SECRET_MASK, size: 2 }).values).toEqual({ ...values, size: 2 });
    expect(merge({}, { token: SECRET_MASK })).toEqual({ values: {}, problems: [] });
    expect(openSecrets(values, box)).toEqual({ token: 'hunter2' });
    expect(merge(values, { token: null }).values).toEqual({});
  });

  it('has one problem for each field that is wrong, and never what was sent', () => {
    const { problems } = merge({}, { size: 0, tokn: 'hunter2', token: 'abc', name: 5, 'a/b': 1 });
    expect(problems).toEqual([
      { code: 'FIELD_INVALID', pointer: '/size', message: 'must be at least 1' },
      { code: 'FIELD_UNKNOWN', pointer: '/tokn', message: 'is no field', hint: 'did you mean `token`?' },
      { code: 'FIELD_INVALID', pointer: '/token', message: 'must be at least 4 characters long' },
      { code: 'FIELD_INVALID', pointer: '/name', message: 'must be a string' },
      { code: 'FIELD_UNKNOWN', pointer: '/a~1b', message: 'is no field', hint: expect.stringContaining('size, name') },
    ]);
    expect(mergeValues({}, {}, { a: 1 }, box, '/config').problems).toMatchObject([
      { pointer: '/config/a', hint: 'there are none' },
    ]);
  });

  it.each(['a\u0000b', { deep: ['\ud800'] }, '\udc00'])('refuses what the database cannot keep: %j', (value) => {
    expect(merge({}, { more: value }).problems).toMatchObject([{ pointer: '/more' }]);
  });

  it('refuses what would be taken for a secret', () => {
    expect(merge({}, { more: box.seal('a', 'more') }).problems).toMatchObject([{ pointer: '/more' }]);
  });

  it.each(['\\u0000', '😀', { a: '\\\\ud800' }])('takes what only looks like it: %j', (value) => {
    expect(merge({}, { more: value }).problems).toEqual([]);
  });

  it.each(['__proto__', 'constructor', 'toString'])('knows no field %s', (key) => {
    const sent = JSON.parse(`{"${key}":1}`) as Record<string, unknown>;
    expect(mergeValues(FIELDS, {}, sent, box).problems).toMatchObject([{ code: 'FIELD_UNKNOWN' }]);
  });
});

describe('maskSecrets', () => {
  it('masks fields that are secret, and sealed values of fields that are none any more', () => {
    const sealed = box.seal('hunter2', 'name');
    expect(maskSecrets(FIELDS, { size: 1, token: 'hunter2', name: sealed, gone: sealed })).toEqual({
      size: 1,
      token: SECRET_MASK,
      name: SECRET_MASK,
      gone: SECRET_MASK,
    });
  });
});
