/** Compiles `src` into `dist`, and packs the embedded database's first state beside it. */
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const STAMP = join(ROOT, 'dist', '.built-from');
const INPUTS = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json', '.swcrc'];

/** Builds where `dist` was not made from the sources as they are now. */
export function buildIfStale() {
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === fingerprint()) return;
  build();
}

export function build({ declarations = false } = {}) {
  const from = fingerprint();
  run('node_modules/@nestjs/cli/bin/nest.js', ['build', '--builder', 'swc', '--no-type-check']);
  if (declarations) {
    run('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.build.json', '--emitDeclarationOnly']);
  }
  run('dist/persistence/embedded/build-template.js', []);
  writeFileSync(STAMP, from);
}

function fingerprint() {
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

function run(script, args) {
  const { status } = spawnSync(process.execPath, [join(ROOT, script), ...args], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build({ declarations: true });
