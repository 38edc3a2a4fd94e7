import { createHash } from 'node:crypto';
import { type Bundle, type ReleaseMigration } from '../kernel/index.js';
import { type Manifest } from '../manifest/index.js';

/**
 * Names a release by its content.
 * @returns SHA-256, as hex; the order of the manifest's keys does not count
 */
export function releaseDigest(
  manifest: Manifest,
  bundle: Pick<Bundle, 'hash'>,
  migrations: readonly ReleaseMigration[],
): string {
  const texts = migrations.map(({ name, checksum, ...rest }) => [name, checksum, 'down' in rest && rest.down?.text]);
  return createHash('sha256')
    .update(JSON.stringify([inKeyOrder(manifest), bundle.hash, texts]))
    .digest('hex');
}

function inKeyOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inKeyOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => [key, inKeyOrder(member)]);
}
