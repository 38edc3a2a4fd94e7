import { describe, expect, it } from '@jest/globals';
import { isSealed, SecretBox } from './secret-box.js';

describe('SecretBox', () => {
  const box = new SecretBox('a-key', 'test');

  it('gives back what it has sealed, and shows nothing of it', () => {
    for (const text of ['', 'hunter2', 'ünïcode\u0000', 'x'.repeat(10_000)]) {
      const sealed = box.seal(text);
      expect(isSealed(JSON.parse(JSON.stringify(sealed)))).toBe(true);
      expect(new SecretBox('a-key', 'test').open(sealed)).toBe(text);
    }
    expect(JSON.stringify(box.seal('hunter2'))).not.toContain('hunter2');
    expect(box.seal('hunter2').box).not.toBe(box.seal('hunter2').box);
  });

  it('refuses what another key, another purpose or another hand has made', () => {
    const sealed = box.seal('hunter2');
    const bytes = Buffer.from(sealed.box, 'base64');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    const changed = { ...sealed, box: bytes.toString('base64') };
    const expected = expect.objectContaining({ code: 'SECRET_UNREADABLE' });
    expect(() => new SecretBox('other', 'test').open(sealed)).toThrow(expected);
    expect(() => new SecretBox('a-key', 'other').open(sealed)).toThrow(expected);
    for (const broken of [changed, { ...sealed, box: '' }, { ...sealed, box: '%%%' }]) {
      expect(() => box.open(broken)).toThrow(expected);
    }
  });

  it('takes no other value for a sealed one', () => {
    for (const value of [null, 'text', 1, {}, { sealed: 1 }, { sealed: 1, box: 2 }, []])
      expect(isSealed(value)).toBe(false);
  });
});
