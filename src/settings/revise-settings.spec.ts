import { describe, expect, it } from '@jest/globals';
import { isSealed, SecretBox } from '../common/secret-box.js';
import { type ManifestFields, SECRET_MASK } from '../manifest/index.js';
import { reviseSettings } from './revise-settings.js';

const box = new SecretBox(['a-key'], 'settings', ['hello']);
const FIELDS: ManifestFields = {
  days: { type: 'number', default: 7, required: true },
  name: { type: 'string', required: true },
  token: { type: 'password', required: true },
};

const revise = (kept: object, sent: object, enabled = true) =>
  reviseSettings({ fields: FIELDS, kept: { ...kept }, sent: { ...sent }, box, enabled });

describe('reviseSettings', () => {
  it('tells what changes, field by field, and secrets by their mask', () => {
    const { values, changes } = revise({ days: 3, name: 'a' }, { days: null, name: 'b', token: 'hunter2' });
    expect(changes).toEqual([
      { field: 'days', old: 3, new: null },
      { field: 'name', old: 'a', new: 'b' },
      { field: 'token', old: null, new: SECRET_MASK },
    ]);
    expect(isSealed(values['token'])).toBe(true);
  });

  it('takes what stays as it is for no change', () => {
    const kept = { days: 3, token: box.seal('hunter2', 'token') };
    expect(revise(kept, { days: 3, token: SECRET_MASK }).changes).toEqual([]);
    expect(revise(kept, { token: 'hunter2' }).changes).toEqual([]);
    expect(revise(kept, { token: 'hunter3' }).changes).toEqual([
      { field: 'token', old: SECRET_MASK, new: SECRET_MASK },
    ]);
    expect(revise({}, { days: 7 }).changes).toEqual([{ field: 'days', old: null, new: 7 }]);
  });

  it('replaces a secret that cannot be read', () => {
    const lost = new SecretBox(['lost'], 'settings', ['hello']).seal('hunter2', 'token');
    expect(revise({ token: lost }, { token: 'hunter2' }).changes).toHaveLength(1);
  });

  it('does not take from an enabled module what it needs', () => {
    const kept = { name: 'a', token: box.seal('hunter2', 'token') };
    expect(() => revise(kept, { days: null, name: null, token: null, more: 1 })).toThrow(
      expect.objectContaining({
        code: 'SETTINGS_INVALID',
        problems: [
          expect.objectContaining({ code: 'FIELD_UNKNOWN', pointer: '/more' }),
          expect.objectContaining({ code: 'FIELD_REQUIRED', pointer: '/name' }),
          expect.objectContaining({ code: 'FIELD_REQUIRED', pointer: '/token' }),
        ],
      }),
    );
    expect(revise(kept, { name: null, token: null }, false).values).toEqual({});
  });
});
