import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, posix } from 'node:path';
import { nearest } from '../../common/did-you-mean.js';
import { type InsidePath, resolveInside } from '../../common/resolve-inside.js';
import { type PointerSegment } from '../json-pointer.js';
import { readMigrations } from '../migrations/read-migrations.js';
import { type ManifestProblemCode } from '../problem-catalogue.js';
import { type ProblemList, type ProblemText } from '../problem-list.js';
import { quote, where } from '../wording.js';
import { type NamedPath, type PathKind } from './paths.js';

/** What the bundler compiles. */
export const CODE_EXTENSIONS: readonly string[] = ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx'];

interface FileFlaw extends ProblemText {
  readonly code: ManifestProblemCode;
}

/** Checks that the paths of a manifest lead to what they must, inside the module's folder. */
export async function checkFiles(folder: string, paths: readonly NamedPath[], problems: ProblemList): Promise<void> {
  const looked = new Map<string, Promise<FileFlaw | undefined>>();
  for (const { path, at, kind } of paths) {
    const key = `${kind} ${path}`;
    const looking = looked.get(key) ?? fileFlaw(folder, path, kind);
    looked.set(key, looking);
    const flaw = await looking;
    if (flaw) problems.add(flaw.code, { at }, { message: `${where(at)}: ${flaw.message}`, hint: flaw.hint });
    else if (kind === 'migrations') await checkMigrations(folder, path, at, problems);
  }
}

async function checkMigrations(
  folder: string,
  path: string,
  at: readonly PointerSegment[],
  problems: ProblemList,
): Promise<void> {
  const { flaws } = await readMigrations(folder, path);
  for (const { code, message, hint, file, ...position } of flaws) {
    if (file === undefined) problems.add(code, { at }, { message: `${where(at)}: ${message}`, hint });
    else problems.addInFile(code, at, { file, ...position }, { message, hint });
  }
}

async function fileFlaw(folder: string, path: string, kind: PathKind): Promise<FileFlaw | undefined> {
  const resolved = await resolveInside(folder, path);
  if (resolved.outcome !== 'inside') return resolutionFlaw(resolved, folder, path);
  const found = await stat(resolved.path);
  if (kind === 'migrations') return found.isDirectory() ? undefined : kindFlaw(`${quote(path)} is not a folder`);
  if (!found.isFile()) return kindFlaw(`${quote(path)} is not a file`);
  if (kind === 'asset' || CODE_EXTENSIONS.includes(extname(path))) return undefined;
  const message = `${quote(path)} has none of the extensions ${CODE_EXTENSIONS.join(', ')}`;
  return { code: 'MANIFEST_FILE_EXTENSION', message };
}

const kindFlaw = (message: string): FileFlaw => ({ code: 'MANIFEST_FILE_KIND', message });

async function resolutionFlaw(
  resolved: Exclude<InsidePath, { outcome: 'inside' }>,
  folder: string,
  path: string,
): Promise<FileFlaw> {
  switch (resolved.outcome) {
    case 'outside':
      return {
        code: 'MANIFEST_PATH_OUTSIDE',
        message: `the path ${quote(path)} leads out of the module's folder, by a symbolic link`,
      };
    case 'unreadable':
      return { code: 'MANIFEST_UNREADABLE', message: `${quote(path)} cannot be read: ${resolved.cause.message}` };
    case 'missing':
      return {
        code: 'MANIFEST_FILE_MISSING',
        message: `${quote(path)} does not exist`,
        hint: await neighbour(folder, path),
      };
  }
}

/** A file beside the missing one, of nearly its name or with another extension. */
async function neighbour(folder: string, path: string): Promise<string | undefined> {
  const parent = await resolveInside(folder, dirname(path));
  if (parent.outcome !== 'inside' || !(await stat(parent.path)).isDirectory()) return undefined;
  const names = (await readdir(parent.path)).slice(0, 1000);
  const name = basename(path);
  const stem = (file: string): string => basename(file, extname(file));
  const sibling = names.find((other) => stem(other) === stem(name) && extname(other) !== '') ?? nearest(name, names);
  return sibling === undefined
    ? undefined
    : `did you mean ${quote(`./${posix.normalize(join(dirname(path), sibling))}`)}?`;
}
