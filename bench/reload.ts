/** How long a reload takes with changed code, from the call to the new generation serving. */
import { ModuleLoaderService } from '../src/lifecycle/index.js';
import { BenchHost } from './support/bench-host.js';
import { nestModule } from './support/bench-module.js';
import { median, percentile, round } from './support/figures.js';

const WARM_UP = 10;
const RELOADS = 100;

const bench = await BenchHost.create();
try {
  await bench.write('meter', nestModule('meter', 0));
  const { app } = await bench.open();
  const loader = app.get(ModuleLoaderService);
  await loader.loadModule('meter');
  const changed: number[] = [];
  const unchanged: number[] = [];
  for (let i = 1; i <= WARM_UP + RELOADS; i++) {
    await bench.write('meter', nestModule('meter', i));
    const first = await timed(() => loader.reloadModule('meter'));
    const second = await timed(() => loader.reloadModule('meter'));
    if (i > WARM_UP) {
      changed.push(first);
      unchanged.push(second);
    }
  }
  console.table({
    'changed code': { 'p50 ms': round(median(changed)), 'p99 ms': round(percentile(changed, 0.99)) },
    'unchanged code': { 'p50 ms': round(median(unchanged)), 'p99 ms': round(percentile(unchanged, 0.99)) },
  });
} finally {
  await bench.dispose();
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
