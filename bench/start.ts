/** How long the host takes from its first line to every module serving, with 1, 100 and 1,000 modules enabled. */
import { ModuleLoaderService } from '../src/lifecycle/index.js';
import { BenchHost } from './support/bench-host.js';
import { nestModule } from './support/bench-module.js';
import { round } from './support/figures.js';

const figures: Record<string, object> = {};
for (const count of [1, 100, 1_000]) {
  const bench = await BenchHost.create();
  try {
    for (let i = 0; i < count; i++) await bench.write(`meter-${i}`, nestModule(`meter-${i}`, i));
    const { app } = await bench.open();
    const loader = app.get(ModuleLoaderService);
    const enabling = performance.now();
    for (let i = 0; i < count; i++) await loader.loadModule(`meter-${i}`);
    const enabled = performance.now() - enabling;
    await bench.stop();
    const starting = performance.now();
    const again = await bench.open();
    const started = performance.now() - starting;
    const loaded = again.app.get(ModuleLoaderService).getStats().modules;
    if (loaded !== count) throw new Error(`${loaded} of ${count} modules were loaded`);
    figures[`${count} modules`] = { 'start s': round(started / 1000), 'enabled one by one s': round(enabled / 1000) };
  } finally {
    await bench.dispose();
  }
}
console.table(figures);
