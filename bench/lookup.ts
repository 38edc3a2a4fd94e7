/**
 * How long it takes to find a request's route with 1 to 1,000 modules live: by module name, then in the module's own
 * table. `one` asks the same module each time, `all` each in turn, so that the caches of the processor count too.
 */
import { type Release, Generation, moduleRoutePrefix, type RouteEntry } from '../src/kernel/index.js';
import { LiveModules, moduleNameIn } from '../src/routing/live-modules.js';
import { RouteTable } from '../src/routing/route-table.js';
import { SchemaCompilers } from '../src/routing/schema-compilers.js';
import { ServedGeneration } from '../src/routing/served-generation.js';
import { median, round } from './support/figures.js';

const COUNTS = [1, 10, 100, 1_000];
const ROUNDS = 41;
const LOOK_UPS = 100_000;
const PATHS = ['readings', 'readings/:id', 'readings/:id/summary', 'meters', 'meters/:id'];

const hosts = COUNTS.map((count) => hostOf(count));
for (const asked of ['one', 'all'] as const) {
  const times = hosts.map((): number[] => []);
  for (let round = -3; round < ROUNDS; round++) {
    hosts.forEach((host, i) => {
      const time = lookUps(host.modules, asked === 'one' ? host.paths.slice(0, 1) : host.paths);
      if (round >= 0) times[i]?.push(time);
    });
  }
  report(asked, times);
}

interface LookUpHost {
  readonly modules: LiveModules;
  /** A path to ask for, in each module. */
  readonly paths: readonly string[];
}

function hostOf(count: number): LookUpHost {
  const modules = new LiveModules();
  const names = Array.from({ length: count }, (_, i) => `module-${String(i).padStart(4, '0')}`);
  for (const name of names) modules.serve(servedModule(name));
  return { modules, paths: names.map((name) => `${name}/readings/42/summary`) };
}

function servedModule(name: string): ServedGeneration {
  const prefix = moduleRoutePrefix(name);
  const routes = PATHS.map((path): RouteEntry => {
    return { method: 'GET', path: `${prefix}/${path}`, handler: () => undefined, source: path };
  });
  const generation = new Generation({ name } as Release, 1);
  generation.provide('requests', { routes });
  const table = new RouteTable(prefix, routes, new SchemaCompilers(() => JSON.stringify));
  return new ServedGeneration(generation, table, { timeoutMs: 30_000 });
}

/** @returns nanoseconds for one look-up */
function lookUps(modules: LiveModules, paths: readonly string[]): number {
  // As the host's own router hands them over: the URL, and what its catch-all matched of it.
  const urls = paths.map((path) => `/api/v1/m/${path}`);
  let found = 0;
  const start = performance.now();
  for (let i = 0, at = 0; i < LOOK_UPS; i++) {
    const name = moduleNameIn(paths[at] as string);
    if (modules.main(name)?.table.find('GET', urls[at] as string, {})) found++;
    if (++at === paths.length) at = 0;
  }
  const time = performance.now() - start;
  if (found !== LOOK_UPS) throw new Error(`${LOOK_UPS - found} look-ups found nothing`);
  return (time / LOOK_UPS) * 1e6;
}

function report(asked: string, times: readonly (readonly number[])[]): void {
  const base = times[0] ?? [];
  const figures = COUNTS.map((modules, i) => {
    const own = times[i] ?? [];
    const toOne = median(own.map((time, at) => time / (base[at] ?? Number.NaN)));
    return { modules, asked, 'ns a look-up': Math.round(median(own)), 'to one module': round(toOne) };
  });
  console.table(figures);
  console.log(JSON.stringify({ bench: 'lookup', asked, figures }));
}
