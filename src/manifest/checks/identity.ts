import { satisfies, validRange } from 'semver';
import { entriesOf, type JsonObject, memberOf } from '../json-value.js';
import { type PointerSegment } from '../json-pointer.js';
import { type ProblemList } from '../problem-list.js';
import { quote, where } from '../wording.js';

/** Names that are paths of the host's own below `/api/v1/modules`. */
export const RESERVED_NAMES: readonly string[] = ['stats', 'scan', 'validate'];

/** Checks the module's name, and the versions of the host and of other modules that it asks for. */
export function checkIdentity(manifest: JsonObject, hostVersion: string, problems: ProblemList): void {
  const { name } = manifest;
  if (typeof name === 'string' && RESERVED_NAMES.includes(name)) {
    const message = `the name ${quote(name)} is reserved: the host answers /api/v1/modules/${name} itself`;
    problems.add('MANIFEST_NAME_RESERVED', { at: ['name'] }, { message });
  }
  checkHost(memberOf(manifest.engines, 'nestdock'), hostVersion, problems);
  for (const [dependency, range] of entriesOf(manifest.dependencies)) {
    const at = ['dependencies', dependency];
    isRange(range, at, problems);
    if (dependency === name) {
      problems.add('MANIFEST_DEPENDENCY_SELF', { at, part: 'key' }, { message: `${quote(name)} depends on itself` });
    }
  }
}

function checkHost(range: unknown, hostVersion: string, problems: ProblemList): void {
  const at = ['engines', 'nestdock'];
  if (!isRange(range, at, problems) || satisfies(hostVersion, range, { includePrerelease: true })) return;
  const message = `the module needs Nestdock ${quote(range)}, and this is ${hostVersion}`;
  problems.add('MANIFEST_HOST_INCOMPATIBLE', { at }, { message });
}

function isRange(range: unknown, at: readonly PointerSegment[], problems: ProblemList): range is string {
  if (typeof range !== 'string' || !problems.isSound(at)) return false;
  if (validRange(range) !== null) return true;
  const message = `${where(at)}: ${quote(range)} is not a semver range`;
  problems.add('MANIFEST_RANGE_INVALID', { at }, { message, hint: 'such as `^1.0.0` or `>=1.2 <3`' });
  return false;
}
