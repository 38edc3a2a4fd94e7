import { describe, expect, it } from '@jest/globals';
import { isSealed, keyFingerprint, SecretBox } from './secret-box.js';

const UNREADABLE = expect.objectContaining({ code: 'SECRET_UNREADABLE' });

describe('SecretBox', () => {
  const box = new SecretBox(['a-key'], 'test', ['hello']);

  it('gives back what it has sealed, and shows nothing of it', () => {
    for (const text of ['', 'hunter2', 'ünïcode\u0000', 'x'.repeat(10_000)]) {
      const sealed = box.seal(text, 'token');
      expect(isSealed(JSON.parse(JSON.stringify(sealed)))).toBe(true);
      expect(new SecretBox(['a-key'], 'test').within('hello').open(sealed, 'token')).toBe(text);
    }
    expect(JSON.stringify(box.seal('hunter2', 'token'))).not.toContain('hunter2');
    expect(box.seal('hunter2', 'token').box).not.toBe(box.seal('hunter2', 'token').box);
  });

  it('refuses what another key, another purpose or another hand has made', () => {
    const sealed = box.seal('hunter2', 'token');
    const bytes = Buffer.from(sealed.box, 'base64');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    const changed = { ...sealed, box: bytes.toString('base64') };
    expect(() => new SecretBox(['other'], 'test', ['hello']).open(sealed, 'token')).toThrow(UNREADABLE);
    expect(() => new SecretBox(['a-key'], 'other', ['hello']).open(sealed, 'token')).toThrow(UNREADABLE);
    for (const broken of [changed, { ...sealed, box: '' }, { ...sealed, box: '%%%' }, { ...sealed, key: 'x' }]) {
      expect(() => box.open(broken, 'token')).toThrow(UNREADABLE);
    }
  });

  it('refuses what was sealed for another module or field', () => {
    const sealed = box.seal('hunter2', 'token');
    expect(() => box.open(sealed, 'other')).toThrow(UNREADABLE);
    expect(() => new SecretBox(['a-key'], 'test', ['other']).open(sealed, 'token')).toThrow(UNREADABLE);
    expect(() => new SecretBox(['a-key'], 'test').within('hello', 'token').open(sealed, '')).toThrow(UNREADABLE);
  });

  it('opens what an older key has sealed, and seals with the first', () => {
    const old = box.seal('hunter2', 'token');
    const rotated = new SecretBox(['new', 'a-key'], 'test', ['hello']);
    expect(rotated.open(old, 'token')).toBe('hunter2');
    expect(rotated.isCurrent(old)).toBe(false);
    const anew = rotated.seal('hunter2', 'token');
    expect(rotated.isCurrent(anew)).toBe(true);
    expect(anew.key).toBe(keyFingerprint('new'));
    expect(() => box.open(anew, 'token')).toThrow(UNREADABLE);
  });

  it('takes no other value for a sealed one', () => {
    const values = [null, 'text', 1, {}, { sealed: 1 }, { sealed: 1, box: 'a' }, { sealed: 1, key: '', box: 2 }, []];
    for (const value of values) expect(isSealed(value)).toBe(false);
  });
});

it('makes fingerprints that tell keys apart and not what they are', () => {
  expect(keyFingerprint('a-key')).toMatch(/^[0-9a-f]{32}$/);
  expect(keyFingerprint('a-key')).toBe(keyFingerprint('a-key'));
  expect(keyFingerprint('a-key')).not.toBe(keyFingerprint('b-key'));
});
