import { describe, expect, it } from '@jest/globals';
import { settingDefaults } from './setting-defaults.js';

describe('settingDefaults', () => {
  it('has what the manifest gives a default, apart from the manifest itself', () => {
    const list = [1];
    const settings = settingDefaults({
      settings: {
        days: { type: 'number', default: 7 },
        key: { type: 'password' },
        list: { type: 'json', default: list },
      },
    });
    list.push(2);
    expect(settings).toEqual({ days: 7, list: [1] });
    expect(Object.isFrozen(settings)).toBe(true);
    expect(settingDefaults({})).toEqual({});
  });
});
