/**
 * Heap that a reload keeps: with class-validator DTOs in the module, and with entities and repositories besides; measured
 * over the second thousand. V8's optimizing compiler is off, as the code that it makes of the host's own functions, more
 * of it for hours, is no reload's.
 */
import { setFlagsFromString } from 'node:v8';
import { setTimeout as sleep } from 'node:timers/promises';
import { ModuleLoaderService } from '../src/lifecycle/index.js';
import { dataModule } from './support/bench-data-module.js';
import { BenchHost } from './support/bench-host.js';
import { nestModule } from './support/bench-module.js';
import { round } from './support/figures.js';

setFlagsFromString('--no-opt');

const THOUSAND = 1_000;

const bench = await BenchHost.create();
try {
  await bench.write('meter', nestModule('meter', 1));
  await bench.write('data-meter', dataModule('data-meter'));
  const { app, url } = await bench.open();
  const loader = app.get(ModuleLoaderService);
  const kept: Record<string, Record<string, number>> = {};
  for (const [title, name] of [
    ['with DTOs', 'meter'],
    ['with DTOs, entities and repositories', 'data-meter'],
  ] as const) {
    const readings = `${url()}/api/v1/m/${name}/readings`;
    await loader.loadModule(name);
    kept[title] = await keptBy(async () => {
      await loader.reloadModule(name);
      await (await fetch(readings, post({ meterId: 'a', powerW: 5, tags: [] }))).text();
      await (await fetch(readings)).text();
    });
    await loader.unloadModule(name);
  }
  console.table(kept);
} finally {
  await bench.dispose();
}

function post(body: object): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** KB a reload. */
async function keptBy(reload: () => Promise<void>): Promise<Record<string, number>> {
  const heaps: number[] = [await settledHeap()];
  for (let thousand = 0; thousand < 2; thousand++) {
    for (let i = 0; i < THOUSAND; i++) await reload();
    heaps.push(await settledHeap());
  }
  const [first, second] = heaps.slice(1).map((heap, i) => round((heap - (heaps[i] ?? 0)) / 1024 / THOUSAND, 3));
  return { 'first thousand, KB a reload': first ?? NaN, 'second thousand, KB a reload': second ?? NaN };
}

/** Several collections, with pauses: weak references and finalizers take more than one. */
async function settledHeap(): Promise<number> {
  for (let i = 0; i < 10; i++) {
    await sleep(200);
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}
