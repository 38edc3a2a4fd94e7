import { createHash, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { readOrCreateSecretFile } from '../common/secret-file.js';
import { type HostConfig } from '../config/host-config.js';

const ADMIN_TOKEN_FILE = 'admin-token';
const BEARER = /^bearer (.+)$/i;

/** The one token that operators show. Knows its digest only, so that no log or dump can give it away. */
export class AdminToken {
  readonly #digest: Buffer;

  constructor(
    token: string,
    /** Where the token is kept; undefined where the operator gave it as ADMIN_TOKEN. */
    readonly file?: string,
  ) {
    this.#digest = digest(token);
  }

  /**
   * The configured token, or the one of `DATA_DIR/admin-token`, which is made where it is missing.
   * @throws {NestdockError} SECRET_FILE_INVALID where the file holds no usable token.
   */
  static async resolve({ adminToken, dataDir }: Pick<HostConfig, 'adminToken' | 'dataDir'>): Promise<AdminToken> {
    if (adminToken !== undefined) return new AdminToken(adminToken);
    const file = join(dataDir, ADMIN_TOKEN_FILE);
    const { secret } = await readOrCreateSecretFile(file);
    return new AdminToken(secret, file);
  }

  /** Whether this `Authorization` header shows the token. Takes the same time for each wrong one, whatever its length. */
  accepts(authorization: string | undefined): boolean {
    const shown = BEARER.exec(authorization ?? '')?.[1]?.trim() ?? '';
    // Digests have one length, so that the comparison tells nothing about that of the token.
    return timingSafeEqual(digest(shown), this.#digest);
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
