/** Compiles the host once for all tests that run it as a process: starting it from TypeScript takes twice as long. */
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fingerprint, required, ROOT } from '../../scripts/build.js';

export default function compileHost() {
  const folder = join(ROOT, 'node_modules/.cache/nestdock', `host-${fingerprint().slice(0, 16)}`);
  if (!existsSync(folder)) compileInto(folder);
  process.env['TEST_HOST'] = join(folder, 'dist/main.js');
}

function compileInto(folder) {
  // Somebody else may be doing the same.
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  const out = join(unfinished, 'dist');
  required('node_modules/@swc/cli/bin/swc.js', 'src', '--out-dir', out, '--strip-leading-paths', '--quiet');
  required('scripts/bundle-child.js', out);
  copyFileSync(join(ROOT, 'package.json'), join(unfinished, 'package.json'));
  if (existsSync(folder)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, folder);
}
