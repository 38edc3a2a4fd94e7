import { describe, expect, it } from '@jest/globals';
import { SecretRegistry } from './secret-registry.js';

function registry(...secrets: string[]): SecretRegistry {
  const made = new SecretRegistry();
  made.remember('hello', secrets);
  return made;
}

describe('SecretRegistry', () => {
  it.each([
    'hunter2!',
    'quote"d and \\ slashed',
    'two\nlines',
    'a+b/c=d&e%',
    'ünïcode-ß-😀',
    '(a|b)*c?[d]{2}^$.',
    'a-long-secret-that-begins-like-another',
    '\ud800-half-of-one',
  ])('takes %j out of whatever it stands in, and leaves JSON', (secret) => {
    const secrets = registry(secret, 'a-long');
    const line = {
      msg: `before ${secret} after`,
      err: { stack: `Error: ${secret}\n    at x` },
      nested: JSON.stringify({ token: secret }),
      url: `https://x/?t=${encodeURIComponent(Buffer.from(secret).toString())}`,
      [secret]: [secret],
    };
    const redacted = JSON.parse(secrets.redactJson(JSON.stringify(line))) as typeof line;
    expect(redacted.msg).toBe('before [redacted] after');
    expect(redacted.err.stack).toBe('Error: [redacted]\n    at x');
    expect(redacted.nested).toBe('{"token":"[redacted]"}');
    expect(redacted.url).toBe('https://x/?t=[redacted]');
    expect(JSON.stringify(redacted)).not.toContain(JSON.stringify(secret).slice(1, -1));
  });

  it('leaves numbers that only have the digits of a secret, and JSON where one is a number of its own', () => {
    const secrets = registry('123456', '-1.5e10');
    const line = '{"time":1712345678,"pin":123456,"text":"pin 123456.","more":[-1.5e10,12345.67,1.123456]}';
    expect(secrets.redactJson(line)).toBe('{"time":1712345678,"pin":0,"text":"pin 0.","more":[0,12345.67,1.123456]}');
  });

  it('takes each line of a secret by itself', () => {
    expect(registry('first line\nx\r\nlast line').redact('only the last line, or first line, or x')).toBe(
      'only the [redacted], or [redacted], or x',
    );
  });

  it('takes them out of the texts of a value, and leaves its keys and its shape', () => {
    const value = { secret: 'secret', list: [null, 1, 'a secret'], deep: { more: true } };
    expect(registry('secret').redact(value)).toEqual({
      secret: '[redacted]',
      list: [null, 1, 'a [redacted]'],
      deep: { more: true },
    });
  });

  it('does not take an escape apart', () => {
    expect(registry('nested').redact({ text: 'a\nested, \\nested, nnested' })).toEqual({
      text: 'a\nested, \\[redacted], n[redacted]',
    });
  });

  it('gives back what has no secret as it is', () => {
    const value = { text: 'nothing' };
    expect(new SecretRegistry().redact(value)).toBe(value);
    expect(registry('hunter2').redact(value)).toBe(value);
    expect(registry('short').redact({ text: 'short' })).toEqual({ text: 'short' });
  });

  it('remembers old values beside the new, each owner its own, and not without end', () => {
    const secrets = registry('first-secret');
    secrets.remember('hello', ['second-secret']);
    secrets.remember('other', ['second-secret', 'third-secret']);
    const all = 'first-secret second-secret third-secret';
    expect(secrets.redact(all)).toBe('[redacted] [redacted] [redacted]');
    secrets.forget('hello');
    expect(secrets.redact(all)).toBe('first-secret [redacted] [redacted]');
    for (let number = 0; number < 64; number++) secrets.remember('other', [`secret-number-${number}`]);
    expect(secrets.redact(all)).toBe(all);
    expect(secrets.redact('secret-number-63')).toBe('[redacted]');
  });

  it('finds them in long texts without delay', () => {
    const secrets = new SecretRegistry();
    for (let owner = 0; owner < 200; owner++) {
      secrets.remember(
        `module-${owner}`,
        Array.from({ length: 5 }, (_, field) => `secret-${owner}-${field}-abcdefgh`),
      );
    }
    const line = JSON.stringify({ msg: 'x'.repeat(2_000), more: 'secret-199-4-abcdefgh' });
    secrets.redactJson(line);
    const begun = performance.now();
    for (let round = 0; round < 100; round++) expect(secrets.redactJson(line)).toContain('"[redacted]"');
    expect((performance.now() - begun) / 100).toBeLessThan(5);
  });
});
