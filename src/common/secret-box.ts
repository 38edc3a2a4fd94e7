import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { NestdockError } from './errors/nestdock-error.js';
import { toError } from './to-error.js';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const FINGERPRINT_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 1;

/** A text that only those with the host's SECRET_KEY can read, as it stands in the database. */
export interface SealedText {
  readonly sealed: typeof VERSION;
  /** Fingerprint of the key that it was sealed with. */
  readonly key: string;
  /** Nonce, tag and cipher text, as base64. */
  readonly box: string;
}

export const isSealed = (value: unknown): value is SealedText =>
  typeof value === 'object' &&
  value !== null &&
  'sealed' in value &&
  'key' in value &&
  typeof value.key === 'string' &&
  'box' in value &&
  typeof value.box === 'string';

/** Tells keys apart and gives nothing of them away, as hex. */
export const keyFingerprint = (secretKey: string): string =>
  Buffer.from(hkdfSync('sha256', secretKey, '', 'nestdock fingerprint', FINGERPRINT_BYTES)).toString('hex');

/**
 * Encrypts what must not be readable at rest. Each sealing of the same text looks different, and opens only in the
 * place that it was sealed for: moved to another module or field in the database, it is no secret of that one's.
 */
export class SecretBox {
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #current: string;

  /**
   * @param secretKeys the first seals, all open
   * @param purpose keeps the keys of different uses apart
   * @param scope what the secrets belong to, such as a module
   */
  constructor(
    private readonly secretKeys: readonly [string, ...string[]],
    private readonly purpose: string,
    private readonly scope: readonly string[] = [],
  ) {
    const derive = (key: string) => Buffer.from(hkdfSync('sha256', key, '', purpose, KEY_BYTES));
    this.#keys = new Map(secretKeys.map((key) => [keyFingerprint(key), derive(key)]));
    this.#current = keyFingerprint(secretKeys[0]);
  }

  /** For the secrets of a part of what this one is for. */
  within(...scope: readonly string[]): SecretBox {
    return new SecretBox(this.secretKeys, this.purpose, [...this.scope, ...scope]);
  }

  seal(text: string, field: string): SealedText {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.#keys.get(this.#current) as Buffer, iv).setAAD(this.#place(field));
    const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    const box = Buffer.concat([iv, cipher.getAuthTag(), encrypted]).toString('base64');
    return { sealed: VERSION, key: this.#current, box };
  }

  /** @throws {NestdockError} SECRET_UNREADABLE where none of the keys has sealed it for this place, or it was changed since. */
  open({ key: fingerprint, box }: SealedText, field: string): string {
    const key = this.#keys.get(fingerprint);
    if (!key) throw new NestdockError('SECRET_UNREADABLE', 'a secret was sealed with another SECRET_KEY');
    const bytes = Buffer.from(box, 'base64');
    try {
      const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAAD(this.#place(field)).setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch (thrown) {
      const detail = 'a secret was sealed for another place, or was changed since';
      throw new NestdockError('SECRET_UNREADABLE', detail, { cause: toError(thrown) });
    }
  }

  /** Whether {@link open} would give a text. */
  canOpen(sealed: SealedText, field: string): boolean {
    try {
      this.open(sealed, field);
      return true;
    } catch (error) {
      if (error instanceof NestdockError && error.code === 'SECRET_UNREADABLE') return false;
      throw error;
    }
  }

  /** Whether it was sealed with the key that seals now, and not with an older one. */
  isCurrent({ key }: SealedText): boolean {
    return key === this.#current;
  }

  #place(field: string): Buffer {
    return Buffer.from(JSON.stringify([...this.scope, field]));
  }
}
