/** Runs the host for development: a change in `src` restarts it, a change in a module reloads that module alone. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { watch } from 'chokidar';
import { build, compile, isStale, ROOT } from './build.js';

/** Editors save in several steps: this many milliseconds after the last one, the host is restarted. */
const SETTLE_MS = 50;

if (isStale()) build();
let host = start();
let restarting = Promise.resolve();
let timer;

watch(join(ROOT, 'src'), { ignoreInitial: true, ignored: (path) => path.endsWith('.spec.ts') }).on('all', () => {
  clearTimeout(timer);
  timer = setTimeout(() => (restarting = restarting.then(restart)), SETTLE_MS);
});
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => void restarting.then(stop).then(() => process.exit(0)));

function start() {
  return spawn(process.execPath, ['--enable-source-maps', join(ROOT, 'dist/main.js'), '--watch-modules'], {
    stdio: 'inherit',
  });
}

/** Where the sources do not compile, the host that runs goes on. */
async function restart() {
  if (!compile()) return;
  await stop();
  host = start();
}

async function stop() {
  if (host.exitCode !== null || host.signalCode !== null) return;
  const ended = once(host, 'exit');
  host.kill('SIGTERM');
  await ended;
}
