import { redactJson, type Redaction, redactionOf } from './redaction.js';

/** Shorter ones would be found in places that have nothing to do with them. */
export const SHORTEST_SECRET = 6;
/** Of one owner. Old values are remembered beside the new: a request that began with one may still fail with it. */
const MOST_SECRETS = 64;

/**
 * The secrets that this host has opened, so that they are found wherever they would be shown. Where there are none,
 * nothing is searched.
 */
export class SecretRegistry {
  readonly #secrets = new Map<string, Set<string>>();
  #redaction: Redaction | undefined;
  #stale = false;

  /** Adds to what is known of the owner, such as a module. Beyond a number, the oldest are forgotten. */
  remember(owner: string, secrets: Iterable<string>): void {
    const known = this.#secrets.get(owner) ?? new Set();
    for (const secret of [...secrets].flatMap(withLines)) {
      if (secret.length < SHORTEST_SECRET || known.has(secret)) continue;
      known.add(secret);
      this.#stale = true;
    }
    for (const oldest of [...known].slice(0, -MOST_SECRETS)) known.delete(oldest);
    if (known.size > 0) this.#secrets.set(owner, known);
  }

  forget(owner: string): void {
    if (this.#secrets.delete(owner)) this.#stale = true;
  }

  /** A text of JSON without the secrets; it is JSON still. */
  readonly redactJson = (json: string): string => {
    if (this.#stale) {
      this.#stale = false;
      this.#redaction = redactionOf([...this.#secrets.values()].flatMap((secrets) => [...secrets]));
    }
    return this.#redaction ? redactJson(json, this.#redaction) : json;
  };

  /** A value that JSON can say, its texts without the secrets; itself where it has none. Keys stay as they are. */
  readonly redact = <T>(value: T): T => {
    const json = this.#secrets.size > 0 ? JSON.stringify(value) : undefined;
    if (json === undefined || this.redactJson(json) === json) return value;
    const redactText = (_key: string, member: unknown): unknown =>
      typeof member === 'string' ? JSON.parse(this.redactJson(JSON.stringify(member))) : member;
    return JSON.parse(json, redactText) as T;
  };
}

/** Of a secret with several lines, such as a private key, one line alone may be shown. */
const withLines = (secret: string): string[] => [...new Set([secret, ...secret.split(/\r?\n/)])];
