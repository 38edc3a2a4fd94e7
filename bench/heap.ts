/**
 * Heap that a reload keeps, with class-validator DTOs in the module: measured over the second thousand. V8's optimizing
 * compiler is off, as the code that it makes of the host's own functions, more of it for hours, is no reload's.
 */
import { setFlagsFromString } from 'node:v8';
import { setTimeout as sleep } from 'node:timers/promises';
import { ModuleLoaderService } from '../src/lifecycle/index.js';
import { BenchHost } from './support/bench-host.js';
import { nestModule } from './support/bench-module.js';
import { round } from './support/figures.js';

setFlagsFromString('--no-opt');

const THOUSAND = 1_000;

const bench = await BenchHost.create();
try {
  await bench.write('meter', nestModule('meter', 1));
  const { app, url } = await bench.open();
  const loader = app.get(ModuleLoaderService);
  await loader.loadModule('meter');
  const reload = async () => {
    await loader.reloadModule('meter');
    await (await fetch(`${url()}/api/v1/m/meter/readings`)).text();
  };
  const heaps: number[] = [await settledHeap()];
  for (let thousand = 0; thousand < 2; thousand++) {
    for (let i = 0; i < THOUSAND; i++) await reload();
    heaps.push(await settledHeap());
  }
  const kept = heaps.slice(1).map((heap, i) => round((heap - (heaps[i] ?? 0)) / 1024 / THOUSAND, 3));
  console.table({ 'first thousand': { 'KB a reload': kept[0] }, 'second thousand': { 'KB a reload': kept[1] } });
} finally {
  await bench.dispose();
}

/** Several collections, with pauses: weak references and finalizers take more than one. */
async function settledHeap(): Promise<number> {
  for (let i = 0; i < 10; i++) {
    await sleep(200);
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}
