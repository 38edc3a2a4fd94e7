import { describe, expect, it } from '@jest/globals';
import { SecretBox } from '../common/secret-box.js';
import { type ManifestFields } from '../manifest/index.js';
import { assertComplete, resolveSettings } from './resolve-settings.js';

const box = new SecretBox(['a-key'], 'settings', ['hello']);
const FIELDS: ManifestFields = {
  days: { type: 'number', default: 7, min: 1 },
  list: { type: 'json', default: [1] },
  name: { type: 'string' },
  token: { type: 'password', required: true },
};

const resolve = (kept: object, fields = FIELDS) => resolveSettings(fields, { ...kept }, box);
const sealed = box.seal('hunter2', 'token');

describe('resolveSettings', () => {
  it('takes what is kept, else the default; what has neither is absent', () => {
    const { values, secrets, problems } = resolve({ days: 3, token: sealed, gone: 1 });
    expect(values).toEqual({ days: 3, list: [1], token: 'hunter2' });
    expect(secrets).toEqual(['hunter2']);
    expect(problems).toEqual([]);
  });

  it('gives a copy of the default', () => {
    const { values } = resolve({ token: sealed });
    (values['list'] as number[]).push(2);
    expect(FIELDS['list']?.default).toEqual([1]);
  });

  it.each<[string, object, string]>([
    ['needs a value', {}, 'FIELD_REQUIRED'],
    ['is a secret now', { token: 'hunter2' }, 'FIELD_INVALID'],
    ['cannot be read', { token: new SecretBox(['other'], 'settings', ['hello']).seal('a', 'token') }, 'FIELD_INVALID'],
    ['cannot be read', { token: box.seal('hunter2', 'name') }, 'FIELD_INVALID'],
  ])('says of a secret that it %s', (message, kept, code) => {
    expect(resolve(kept)).toMatchObject({
      problems: [{ code, pointer: '/token', message: expect.stringContaining(message) }],
      unresolved: ['token'],
    });
  });

  it('has one problem for each field that does not fit, without what is kept', () => {
    const { values, problems } = resolve({ days: 'hunter3', name: box.seal('hunter3', 'name'), token: sealed });
    expect(problems.map(({ pointer }) => pointer)).toEqual(['/days', '/name']);
    expect(values).toEqual({ list: [1], token: 'hunter2' });
    expect(JSON.stringify(problems)).not.toContain('hunter3');
  });
});

describe('assertComplete', () => {
  it('names every field, and how to set it', () => {
    const { problems } = resolve({ days: 0 });
    const assert = () => assertComplete({ name: 'hello', version: '2.0.0' }, problems);
    expect(assert).toThrow(
      expect.objectContaining({
        code: 'SETTINGS_INCOMPLETE',
        message: expect.stringMatching(/^hello 2\.0\.0 lacks settings: \/days .*; \/token /),
        problems: problems.map((problem) => ({
          ...problem,
          hint: expect.stringContaining('PUT /api/v1/modules/hello'),
        })),
      }),
    );
    expect(() => assertComplete({ name: 'hello', version: '2.0.0' }, [])).not.toThrow();
  });
});
