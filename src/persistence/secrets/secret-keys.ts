import { join } from 'node:path';
import { type DataSource, type EntityManager } from 'typeorm';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { keyFingerprint, SecretBox } from '../../common/secret-box.js';
import { readOrCreateSecretFile } from '../../common/secret-file.js';
import { type HostConfig } from '../../config/index.js';
import { type HostDatabase } from '../host-database.js';
import { hasSecrets, reseal, type ResealReport } from './sealed-columns.js';

const SECRET_KEY_FILE = 'secret-key';

export type SecretKeyConfig = Pick<HostConfig, 'secretKey' | 'previousSecretKeys' | 'dataDir'>;

/** The keys of this host's secrets: the one that seals, and older ones that open what they have sealed. */
export class SecretKeys {
  constructor(private readonly keys: readonly [string, ...string[]]) {}

  /** @param purpose keeps the keys of different uses apart */
  readonly box = (purpose: string): SecretBox => new SecretBox(this.keys, purpose);

  /** Of the key that seals. */
  get fingerprint(): string {
    return keyFingerprint(this.keys[0]);
  }

  /** Whether this is the fingerprint of one of the older keys. */
  isPrevious(fingerprint: string): boolean {
    return this.keys.slice(1).some((key) => keyFingerprint(key) === fingerprint);
  }
}

/** What has become of the database's secrets at start. */
export interface OpenedSecretKeys extends ResealReport {
  readonly keys: SecretKeys;
}

/**
 * The host's keys: SECRET_KEY, or that of `DATA_DIR/secret-key`, which is made where it is missing; and those of
 * SECRET_KEY_PREVIOUS. Where one of these has sealed the database's secrets, they are sealed anew, all or none.
 * @throws {NestdockError} SECRET_KEY_MISMATCH where the database's secrets are sealed with a key that is not among them
 */
export async function openSecretKeys(
  config: SecretKeyConfig,
  dataSource: DataSource,
  kind: HostDatabase['kind'],
): Promise<OpenedSecretKeys> {
  const current = config.secretKey ?? (await readOrCreateSecretFile(join(config.dataDir, SECRET_KEY_FILE))).secret;
  const keys = new SecretKeys([current, ...config.previousSecretKeys.filter((key) => key !== current)]);
  const report = await dataSource.transaction(async (transaction) => {
    const kept = await keptFingerprint(transaction, keys.fingerprint);
    if (kept === keys.fingerprint)
      return config.previousSecretKeys.length > 0 ? reseal(transaction, keys.box) : NOTHING;
    if (!keys.isPrevious(kept)) await assertReplaceable(transaction, kind);
    await transaction.query('UPDATE nestdock.secret_key SET fingerprint = $1, since = now()', [keys.fingerprint]);
    return reseal(transaction, keys.box);
  });
  return { keys, ...report };
}

const NOTHING: ResealReport = { resealed: 0, unreadable: 0 };

/** Of the key that the database belongs to, which is ours where it belonged to none. Hosts that start at once wait here. */
async function keptFingerprint(transaction: EntityManager, ours: string): Promise<string> {
  await transaction.query('INSERT INTO nestdock.secret_key (fingerprint) VALUES ($1) ON CONFLICT DO NOTHING', [ours]);
  const [row] = await transaction.query<[{ fingerprint: string }]>(
    'SELECT fingerprint FROM nestdock.secret_key FOR UPDATE',
  );
  return row.fingerprint;
}

/** An embedded database is one host's own: while it has no secrets, any key will do. */
async function assertReplaceable(transaction: EntityManager, kind: HostDatabase['kind']): Promise<void> {
  if (kind === 'embedded' && !(await hasSecrets(transaction))) return;
  throw new NestdockError(
    'SECRET_KEY_MISMATCH',
    kind === 'embedded'
      ? `the secrets of the embedded database are sealed with another key than SECRET_KEY or DATA_DIR/${SECRET_KEY_FILE}`
      : 'the secrets of the database at DATABASE_URL are sealed with another key than SECRET_KEY',
  );
}
