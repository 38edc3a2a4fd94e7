import { createHash } from 'node:crypto';
import { type Bundle } from '../kernel/index.js';
import { type Manifest } from '../manifest/index.js';

/**
 * Names a release by its content.
 * @returns SHA-256, as hex; the order of the manifest's keys does not count
 */
export function releaseDigest(manifest: Manifest, bundle: Pick<Bundle, 'hash'>): string {
  return createHash('sha256')
    .update(JSON.stringify([inKeyOrder(manifest), bundle.hash]))
    .digest('hex');
}

function inKeyOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inKeyOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => [key, inKeyOrder(member)]);
}
