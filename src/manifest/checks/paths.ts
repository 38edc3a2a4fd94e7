import { parseHandlerReference } from '../handler-reference.js';
import { type PointerSegment } from '../json-pointer.js';
import { entriesOf, itemsOf, type JsonObject, memberOf } from '../json-value.js';
import { type ProblemList } from '../problem-list.js';
import { quote, where } from '../wording.js';

/** What a path of the manifest must lead to. */
export type PathKind = 'code' | 'asset' | 'migrations';

export interface NamedPath {
  /** As it is written, less the handler's `#export`. */
  readonly path: string;
  readonly at: readonly PointerSegment[];
  readonly kind: PathKind;
}

/** Every path that the manifest names and that is sound so far. Those that leave the folder by their text alone are reported. */
export function checkPaths(manifest: JsonObject, problems: ProblemList): NamedPath[] {
  const paths = [...filePaths(manifest), ...handlerPaths(manifest, problems)];
  return paths.filter(({ path, at }) => {
    if (!problems.isSound(at)) return false;
    if (!leavesFolder(path)) return true;
    const message = `${where(at)}: the path ${quote(path)} leaves the module's folder`;
    problems.add('MANIFEST_PATH_OUTSIDE', { at }, { message });
    return false;
  });
}

function filePaths(manifest: JsonObject): NamedPath[] {
  const named: { path: unknown; at: string[]; kind: PathKind }[] = [
    { path: manifest.entry, at: ['entry'], kind: 'code' },
    { path: manifest.migrations, at: ['migrations'], kind: 'migrations' },
    { path: memberOf(manifest.ui, 'entry'), at: ['ui', 'entry'], kind: 'asset' },
  ];
  return named.filter((file): file is (typeof named)[number] & { path: string } => typeof file.path === 'string');
}

function handlerPaths(manifest: JsonObject, problems: ProblemList): NamedPath[] {
  const handlers = [
    ...itemsOf(manifest.routes).map((route, index) => ({ owner: route, at: ['routes', index, 'handler'] })),
    ...entriesOf(manifest.jobs).map(([key, job]) => ({ owner: job, at: ['jobs', key, 'handler'] })),
  ];
  return handlers.flatMap(({ owner, at }) => {
    const handler = memberOf(owner, 'handler');
    const reference = typeof handler === 'string' ? parseHandlerReference(handler) : undefined;
    if (reference?.from === 'file') return [{ path: reference.file, at, kind: 'code' as const }];
    if (reference?.from === 'entry' && !Object.hasOwn(manifest, 'entry')) {
      const message = `${where(at)}: ${quote(reference.exportName)} would be an export of the entry, and there is no \`entry\``;
      problems.add('MANIFEST_HANDLER_NEEDS_ENTRY', { at }, { message, hint: 'write `./file#export` for a file' });
    }
    return [];
  });
}

/** Whether a relative path climbs above where it began, at its end or on its way. */
function leavesFolder(path: string): boolean {
  let depth = 0;
  return path.split('/').some((segment) => {
    if (segment === '..') depth--;
    else if (segment !== '.' && segment !== '') depth++;
    return depth < 0;
  });
}
