import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isWithin } from '../../common/resolve-inside.js';
import { type Release } from '../../kernel/index.js';
import { isWithheld, variableAskedFor } from '../../manifest/index.js';

export interface SpawnTerms {
  readonly release: Pick<Release, 'folder'>;
  /** Where packages of the module's may come from, such as `/srv/modules/node_modules`. */
  readonly packageFolders: readonly string[];
  readonly permissions: readonly string[];
  /** The process's own, to write what it wants: temporary files, and its socket. */
  readonly folder: string;
  readonly heapMb: number;
  /** The host's own variables, of which the process gets no more than it must and may have. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface SpawnPlan {
  /** Of Node, before the entry. */
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What every process may know of the machine: how to write times and texts. */
const COMMON_VARIABLES = ['NODE_ENV', 'TZ', 'LANG', 'LC_ALL', 'LC_TIME'];

/** `--permission` since Node 22.13 and 23.5, and by its first name before. */
const PERMISSION_FLAG = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

/** How a module's process is started: what it may do by Node's own permission model, and what it finds in its environment. */
export function planSpawn({ release, packageFolders, permissions, folder, heapMb, env }: SpawnTerms): SpawnPlan {
  const granted = new Set(permissions);
  const own = outermost([...hostFolders(), ...packageFolders, release.folder, folder]);
  const readable = granted.has('filesystem:read') ? ['*'] : [...own.map(everythingIn), ...PACKAGE_FILES];
  const writable = granted.has('filesystem:write') ? ['*'] : [everythingIn(folder)];
  return {
    flags: [
      `--max-old-space-size=${heapMb}`,
      PERMISSION_FLAG,
      ...readable.map((path) => `--allow-fs-read=${path}`),
      ...writable.map((path) => `--allow-fs-write=${path}`),
      ...(granted.has('process:spawn') ? ['--allow-child-process', '--allow-worker'] : []),
      ...(granted.has('native:addons') ? ['--allow-addons'] : []),
      '--disable-warning=ExperimentalWarning',
      '--disable-warning=SecurityWarning',
    ],
    env: scrubbed(env, granted, folder),
  };
}

function scrubbed(env: SpawnTerms['env'], granted: ReadonlySet<string>, folder: string): Record<string, string> {
  const asked = [...granted].flatMap((permission) => variableAskedFor(permission) ?? []);
  const names = [...COMMON_VARIABLES, ...(granted.has('process:spawn') ? ['PATH'] : []), ...asked].filter(
    (name) => !isWithheld(name),
  );
  const kept = names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
  return { ...(Object.fromEntries(kept) as Record<string, string>), HOME: folder, TMPDIR: folder };
}

const everythingIn = (folder: string): string => join(folder, '*');

const CODE = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** The host's own code, and the packages that modules share with it. */
export const hostFolders = (): string[] => [
  CODE,
  ...ancestors(CODE)
    .map((folder) => join(folder, 'node_modules'))
    .filter((folder) => existsSync(folder)),
];

/** What Node reads to find out what kind of code the host's is. */
const PACKAGE_FILES = ancestors(CODE).map((folder) => join(folder, 'package.json'));

/** Without those that lie in another: Node's own tree of them does not take both. */
const outermost = (folders: readonly string[]): string[] =>
  [...new Set(folders)].filter((folder) => !folders.some((other) => other !== folder && isWithin(other, folder)));

function ancestors(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}
