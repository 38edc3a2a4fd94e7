import { describe, expect, it } from '@jest/globals';
import { type ManifestFields, maskSecrets, openSecrets, SECRET_MASK } from '../manifest/index.js';
import { isSealed, SecretBox } from '../common/secret-box.js';
import { effectiveConfig, mergeOverride } from './job-config.js';

const FIELDS: ManifestFields = {
  size: { type: 'number', default: 5, min: 1 },
  mode: { type: 'select', options: ['fast', { value: 'slow', label: 'Slow' }] },
  token: { type: 'password' },
};

const box = new SecretBox(['a-key'], 'jobs');

describe('effectiveConfig', () => {
  it('lays each layer over those before it, and passes over what does not fit', () => {
    expect(effectiveConfig(FIELDS, { size: 7, mode: 'fast' }, { mode: 'slow' })).toEqual({ size: 7, mode: 'slow' });
    expect(effectiveConfig(FIELDS, { size: 'large', gone: 1 }, null)).toEqual({ size: 5 });
  });
});

describe('mergeOverride', () => {
  it('merges, takes back what is null, and keeps a secret whose mask is sent back', () => {
    const kept = mergeOverride(
      FIELDS,
      { size: 7, token: 'secret' },
      { size: null, mode: 'fast', token: SECRET_MASK },
      box,
    );
    expect(kept).toEqual({ mode: 'fast', token: 'secret' });
    expect(mergeOverride(FIELDS, { size: 7 }, { size: null }, box)).toBeNull();
  });

  it('seals secrets, which the handler alone gets to read', () => {
    const kept = mergeOverride(FIELDS, null, { token: 'hunter2' }, box);
    expect(JSON.stringify(kept)).not.toContain('hunter2');
    const config = effectiveConfig(FIELDS, kept);
    expect(isSealed(config['token'])).toBe(true);
    expect(maskSecrets(FIELDS, config)).toMatchObject({ token: SECRET_MASK });
    expect(openSecrets(config, box)).toEqual({ size: 5, token: 'hunter2' });
    expect(() => openSecrets(config, new SecretBox(['another'], 'jobs'))).toThrow(
      expect.objectContaining({ code: 'SECRET_UNREADABLE' }),
    );
    expect(() => mergeOverride(FIELDS, null, { token: 5 }, box)).toThrow(
      expect.objectContaining({ code: 'JOB_CONFIG_INVALID' }),
    );
  });

  it('refuses unknown fields and wrong values, all at once', () => {
    expect(() => mergeOverride(FIELDS, null, { size: 0, mode: 'other', sise: 1 }, box)).toThrow(
      expect.objectContaining({
        code: 'JOB_CONFIG_INVALID',
        problems: ['/config/size', '/config/mode', '/config/sise'].map((pointer) =>
          expect.objectContaining({ pointer }),
        ),
      }),
    );
  });
});
