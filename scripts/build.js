/** Compiles `src` into `dist`, and packs the embedded database's first state beside it. */
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const STAMP = join(ROOT, 'dist', '.built-from');
const INPUTS = [
  'scripts/bundle-child.js',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'nest-cli.json',
  '.swcrc',
];

/** Whether `dist` was made from other sources than those of now. */
export function isStale() {
  return !existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== fingerprint();
}

export function build({ declarations = false } = {}) {
  const from = fingerprint();
  required('node_modules/@nestjs/cli/bin/nest.js', 'build', '--builder', 'swc', '--no-type-check');
  if (declarations) required('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--emitDeclarationOnly');
  required('dist/persistence/embedded/build-template.js');
  required('scripts/bundle-child.js', join(ROOT, 'dist'));
  writeFileSync(STAMP, from);
}

/** Compiles into `dist` as it is. @returns whether the sources compiled */
export function compile() {
  return (
    run('node_modules/@swc/cli/bin/swc.js', 'src', '--out-dir', 'dist', '--strip-leading-paths', '--quiet') &&
    run('scripts/bundle-child.js', join(ROOT, 'dist'))
  );
}

export function run(script, ...args) {
  return spawnSync(process.execPath, [join(ROOT, script), ...args], { cwd: ROOT, stdio: 'inherit' }).status === 0;
}

export function required(script, ...args) {
  if (!run(script, ...args)) process.exit(1);
}

/** Of all that a build is made from, as hex. */
export function fingerprint() {
  const hash = createHash('sha256').update(process.version);
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.spec.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of [...INPUTS.map((input) => join(ROOT, input)), ...sources]) {
    hash.update(file.slice(ROOT.length)).update('\0').update(readFileSync(file));
  }
  return hash.digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build({ declarations: true });
