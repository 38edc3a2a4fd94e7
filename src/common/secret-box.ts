import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { NestdockError } from './errors/nestdock-error.js';
import { toError } from './to-error.js';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 1;

/** A text that only those with the host's SECRET_KEY can read, as it stands in the database. */
export interface SealedText {
  readonly sealed: typeof VERSION;
  /** Nonce, tag and cipher text, as base64. */
  readonly box: string;
}

export const isSealed = (value: unknown): value is SealedText =>
  typeof value === 'object' && value !== null && 'sealed' in value && 'box' in value && typeof value.box === 'string';

/** Encrypts what must not be readable at rest. Each sealing of the same text looks different. */
export class SecretBox {
  readonly #key: Buffer;

  /** @param purpose keeps the keys of different uses apart. */
  constructor(secretKey: string, purpose: string) {
    this.#key = Buffer.from(hkdfSync('sha256', secretKey, '', purpose, KEY_BYTES));
  }

  seal(text: string): SealedText {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, iv);
    const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return { sealed: VERSION, box: Buffer.concat([iv, cipher.getAuthTag(), encrypted]).toString('base64') };
  }

  /** @throws {NestdockError} SECRET_UNREADABLE where it was sealed with another key, or was changed since. */
  open({ box }: SealedText): string {
    const bytes = Buffer.from(box, 'base64');
    try {
      const decipher = createDecipheriv(CIPHER, this.#key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch (thrown) {
      throw new NestdockError(
        'SECRET_UNREADABLE',
        'a secret was sealed with another SECRET_KEY, or was changed since',
        {
          cause: toError(thrown),
        },
      );
    }
  }
}
