/** Compiles `src` and `bench` side by side and runs the benches named on the command line, or all of them. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, isStale, required, ROOT } from './build.js';

const OUT = '.bench';

if (isStale()) build();
rmSync(join(ROOT, OUT), { recursive: true, force: true });
required('node_modules/@swc/cli/bin/swc.js', 'src', 'bench', '--out-dir', OUT, '--quiet');
required('scripts/bundle-child.js', join(ROOT, OUT, 'src'));
// The sources look for it above their own folder.
copyFileSync(join(ROOT, 'package.json'), join(ROOT, OUT, 'package.json'));
const all = readdirSync(join(ROOT, 'bench'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length));
const chosen = process.argv.slice(2);
for (const name of chosen.length > 0 ? chosen : all) {
  console.log(`\n# ${name}`);
  runBench(join(ROOT, OUT, 'bench', `${name}.js`));
}

function runBench(file) {
  const { status } = spawnSync(process.execPath, ['--expose-gc', file], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
