import { NestdockError } from '../common/errors/nestdock-error.js';
import { type Manifest } from './manifest.js';
import { type ManifestReading } from './validate-manifest.js';

/**
 * The manifest of a reading that has one.
 * @throws MANIFEST_INVALID with every problem, where the reading has any
 */
export function requireManifest({ manifest, problems }: ManifestReading): Manifest {
  if (manifest) return manifest;
  const [first, ...others] = problems;
  const rest = others.length > 0 ? `, and ${others.length} more problem${others.length === 1 ? '' : 's'}` : '';
  throw new NestdockError('MANIFEST_INVALID', `${first?.message ?? 'the manifest is not valid'}${rest}`, { problems });
}
