import { chmod, cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
/** Where modules are copied from, the first that has one wins. */
const SOURCES = [join(ROOT, 'test', 'fixtures', 'modules'), join(ROOT, 'modules')];

/**
 * Copies fixtures and example modules into a `MODULES_DIR`, each with the packages that its `package.json` names, as
 * `npm install` in its folder would have left it. The packages are copies and no links: a module's files must lie
 * where the host may read them.
 */
export async function copyModules(names: readonly string[], intoDir: string): Promise<void> {
  await mkdir(intoDir, { recursive: true });
  await chmod(dirname(intoDir), 0o755); // as where modules are installed: the user of an isolated one reads its own
  await Promise.all(names.map((name) => copyModule(name, join(intoDir, name))));
}

/** Changes keys of a copied module's manifest. */
export async function changeManifest(
  modulesDir: string,
  name: string,
  keys: Readonly<Record<string, unknown>>,
): Promise<void> {
  const file = join(modulesDir, name, 'manifest.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...manifest, ...keys }, null, 2));
}

async function copyModule(name: string, into: string): Promise<void> {
  await cp(await sourceOf(name), into, { recursive: true });
  const packages = new Set<string>();
  for (const dependency of await dependenciesOf(into)) await collectPackage(dependency, ROOT, packages);
  // A package that lies inside another's folder comes with that one.
  const outermost = [...packages].filter((folder) => ![...packages].some((other) => folder.startsWith(other + sep)));
  await Promise.all(outermost.map((folder) => cp(folder, join(into, relative(ROOT, folder)), { recursive: true })));
}

async function sourceOf(name: string): Promise<string> {
  for (const source of SOURCES) if (await exists(join(source, name))) return join(source, name);
  throw new Error(`there is no module "${name}" in ${SOURCES.join(' or ')}`);
}

/** Adds the folder of a package, and of all that it needs. */
async function collectPackage(name: string, from: string, packages: Set<string>): Promise<void> {
  const folder = await findPackage(name, from);
  if (folder === undefined) throw new Error(`${from} needs "${name}", which is not installed`);
  if (packages.has(folder)) return;
  packages.add(folder);
  for (const dependency of await dependenciesOf(folder)) await collectPackage(dependency, folder, packages);
}

async function findPackage(name: string, from: string): Promise<string | undefined> {
  const folder = join(from, 'node_modules', name);
  if (await exists(folder)) return folder;
  return from === ROOT ? undefined : findPackage(name, dirname(from));
}

async function dependenciesOf(folder: string): Promise<string[]> {
  const description = join(folder, 'package.json');
  if (!(await exists(description))) return [];
  const { dependencies = {} } = JSON.parse(await readFile(description, 'utf8')) as { dependencies?: object };
  return Object.keys(dependencies);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
