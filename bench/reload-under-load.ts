/**
 * Requests that fail while a module is reloaded with changed code every 100 ms under 50 connections: first at a pace
 * that leaves the processor room for so many reloads, then with the connections asking as fast as they can.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ModuleLoaderService } from '../src/lifecycle/index.js';
import { BenchHost } from './support/bench-host.js';
import { nestModule } from './support/bench-module.js';
import { Load } from './support/load.js';

const SECONDS = 20;
const EVERY_MS = 100;
const CONNECTIONS = 50;
const PACE = 1_000;

const bench = await BenchHost.create();
const load = new Load();
try {
  await bench.write('meter', nestModule('meter', 0));
  const { app, url } = await bench.open();
  const loader = app.get(ModuleLoaderService);
  await loader.loadModule('meter');
  const target = { url: `${url()}/api/v1/m/meter/readings?limit=3`, connections: CONNECTIONS, duration: SECONDS };
  const figures = {
    [`${PACE} requests/s`]: await reloadDuring(loader, load.run({ ...target, overallRate: PACE })),
    'as fast as they can': await reloadDuring(loader, load.run(target)),
  };
  console.table(figures);
  if (Object.values(figures).some(({ failed }) => failed > 0)) process.exitCode = 1;
} finally {
  load.end();
  await bench.dispose();
}

async function reloadDuring(loader: ModuleLoaderService, running: ReturnType<Load['run']>) {
  let done = false;
  void running.finally(() => (done = true));
  let reloads = 0;
  for (let next = performance.now(); !done; next = Math.max(next + EVERY_MS, performance.now())) {
    await sleep(next - performance.now());
    await bench.write('meter', nestModule('meter', ++reloads));
    await loader.reloadModule('meter');
  }
  const { requests, failed } = await running;
  return { reloads, requests, failed };
}
