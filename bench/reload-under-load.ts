/** Requests that fail while a module is reloaded every 100 ms under 50 connections. */
import { Worker } from 'node:worker_threads';
import { setTimeout as sleep } from 'node:timers/promises';
import { ModuleLoaderService } from '../src/lifecycle/index.js';
import { type LoadResult } from './support/load-worker.js';
import { BenchHost } from './support/bench-host.js';
import { nestModule } from './support/bench-module.js';

const SECONDS = 20;
const EVERY_MS = 100;

const bench = await BenchHost.create();
try {
  await bench.write('meter', nestModule('meter', 0));
  const { app, url } = await bench.open();
  const loader = app.get(ModuleLoaderService);
  await loader.loadModule('meter');
  const load = runLoad(`${url()}/api/v1/m/meter/readings?limit=3`);
  let done = false;
  void load.finally(() => (done = true));
  let reloads = 0;
  while (!done) {
    await bench.write('meter', nestModule('meter', ++reloads));
    await loader.reloadModule('meter');
    await sleep(EVERY_MS);
  }
  const { requests, failed } = await load;
  console.table({ 'under 50 connections': { reloads, requests, failed } });
  if (failed > 0) process.exitCode = 1;
} finally {
  await bench.dispose();
}

function runLoad(target: string): Promise<LoadResult> {
  const worker = new Worker(new URL('./support/load-worker.js', import.meta.url), {
    workerData: { url: target, connections: 50, duration: SECONDS },
  });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
