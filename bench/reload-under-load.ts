/**
 * Requests that fail while a module is reloaded with changed code every 100 ms, or as fast as it goes, under 50
 * connections: inline at a pace that leaves the processor room for so many reloads, then with the connections asking as
 * fast as they can; and in a process of its own, of which each reload starts another. Memory and open files of the host
 * before and after say whether anything is kept.
 */
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ModuleLoaderService } from '../src/lifecycle/index.js';
import { BenchHost, type ModuleFiles } from './support/bench-host.js';
import { nestModule } from './support/bench-module.js';
import { Load } from './support/load.js';

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 20);
const EVERY_MS = 100;
const CONNECTIONS = 50;
const PACE = 1_000;

const bench = await BenchHost.create();
const load = new Load();
try {
  for (const name of ['inline', 'process']) await write(name, 0);
  const { app, url } = await bench.open();
  const loader = app.get(ModuleLoaderService);
  for (const name of ['inline', 'process']) await loader.loadModule(name);
  const target = (name: string) => ({
    url: `${url()}/api/v1/m/${name}/readings?limit=3`,
    connections: CONNECTIONS,
    duration: SECONDS,
  });
  const figures = {
    [`inline, ${PACE} requests/s`]: await reloadDuring(loader, 'inline', { ...target('inline'), overallRate: PACE }),
    'inline, as fast as they can': await reloadDuring(loader, 'inline', target('inline')),
    [`process, ${PACE} requests/s`]: await reloadDuring(loader, 'process', { ...target('process'), overallRate: PACE }),
  };
  console.table(figures);
  if (Object.values(figures).some(({ failed }) => failed > 0)) process.exitCode = 1;
} finally {
  load.end();
  await bench.dispose();
}

async function reloadDuring(loader: ModuleLoaderService, name: string, request: Parameters<Load['run']>[0]) {
  for (let i = 0; i < 3; i++) await reload(loader, name, i);
  await sleep(2_000);
  const before = held();
  const running = load.run(request);
  let done = false;
  void running.finally(() => (done = true));
  let reloads = 0;
  for (let next = performance.now(); !done; next = Math.max(next + EVERY_MS, performance.now())) {
    await sleep(next - performance.now());
    await reload(loader, name, ++reloads);
  }
  const { requests, failed } = await running;
  await sleep(2_000); // the last generations drain
  const after = held();
  return {
    reloads,
    requests,
    failed,
    'heap MB': `${before.heapMb} > ${after.heapMb}`,
    files: `${before.files} > ${after.files}`,
  };
}

async function reload(loader: ModuleLoaderService, name: string, answer: number): Promise<void> {
  await write(name, answer);
  await loader.reloadModule(name);
}

async function write(name: string, answer: number): Promise<void> {
  await bench.write(name, isolated(name, nestModule(name, answer)));
}

function isolated(isolation: string, files: ModuleFiles): ModuleFiles {
  return {
    ...files,
    'manifest.json': JSON.stringify({ ...(JSON.parse(files['manifest.json'] ?? '{}') as object), isolation }),
  };
}

function held() {
  globalThis.gc?.();
  return { heapMb: Math.round(process.memoryUsage().heapUsed / 2 ** 20), files: readdirSync('/proc/self/fd').length };
}
