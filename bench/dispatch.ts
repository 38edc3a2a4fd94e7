/**
 * What docking costs a request: a module's route in a host with every net spread, against the same controller registered
 * statically in that host, in a plain Nest application in a process of its own, and against a bare handler of Fastify's
 * there. Rounds are interleaved, and the ratios taken within a round, so that whatever else the machine does meets all alike.
 */
import { readFile } from 'node:fs/promises';
import { ModuleLoaderService } from '../src/lifecycle/index.js';
import { BenchHost } from './support/bench-host.js';
import { manifest } from './support/bench-module.js';
import { median, round } from './support/figures.js';
import GreeterModule from './support/greeter-module.js';
import { Load } from './support/load.js';
import { PlainApp } from './support/plain-app.js';
import { registerStatically } from './support/register-statically.js';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 150);
/** Short, as what else the machine does comes and goes within seconds. */
const SECONDS = 0.2;
const WARM_UP_ROUNDS = 10;
const CONNECTIONS = 50;
const KINDS = ['docked', 'static', 'plain Nest', 'bare Fastify'] as const;
type Kind = (typeof KINDS)[number];

interface Subject {
  readonly url: string;
  /** Microseconds of processor time that its process has used. */
  readonly used: () => Promise<number>;
}

interface Sample {
  readonly perSecond: number;
  /** Processor time of the server for one request, in microseconds. */
  readonly cpu: number;
}

const bench = await BenchHost.create();
const load = new Load();
const plain = await PlainApp.start();
try {
  await bench.write('greeter', {
    'manifest.json': manifest('greeter'),
    'src/index.ts': await readFile('bench/support/greeter-module.ts', 'utf8'),
  });
  // Errors count, which they do not by default: it is the dearest way to run.
  const host = await bench.compose({ QUARANTINE_ERROR_PERCENT: '50' });
  await registerStatically(host.app, GreeterModule);
  host.guardProcess((error) => {
    throw error;
  });
  await host.start();
  await host.app.get(ModuleLoaderService).loadModule('greeter');
  const own = async () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  };
  const subjects: Record<Kind, Subject> = {
    docked: { url: `${host.url()}/api/v1/m/greeter/greeter/greet/world`, used: own },
    static: { url: `${host.url()}/greeter/greet/world`, used: own },
    'plain Nest': { url: `${plain.url}/greeter/greet/world`, used: () => plain.used() },
    'bare Fastify': { url: `${plain.url}/bare/greet/world`, used: () => plain.used() },
  };
  report(await compare(subjects));
} finally {
  load.end();
  plain.end();
  await bench.dispose();
}

async function compare(subjects: Readonly<Record<Kind, Subject>>): Promise<Record<Kind, Sample[]>> {
  const samples: Record<Kind, Sample[]> = { docked: [], static: [], 'plain Nest': [], 'bare Fastify': [] };
  for (let i = 0; i < WARM_UP_ROUNDS; i++) for (const kind of KINDS) await sample(subjects[kind]);
  for (let i = 0; i < ROUNDS; i++) {
    // Each kind is first, second and so on equally often.
    const order = [...KINDS.slice(i % KINDS.length), ...KINDS.slice(0, i % KINDS.length)];
    for (const kind of order) samples[kind].push(await sample(subjects[kind]));
  }
  return samples;
}

async function sample({ url, used }: Subject): Promise<Sample> {
  const before = await used();
  const { requests, failed, perSecond } = await load.run({
    url,
    connections: CONNECTIONS,
    duration: SECONDS,
    staysAwake: true,
  });
  const cpu = ((await used()) - before) / requests;
  if (failed > 0) throw new Error(`${failed} requests to ${url} failed`);
  return { perSecond, cpu };
}

function report(samples: Readonly<Record<Kind, readonly Sample[]>>): void {
  const row = (kind: Kind) => ({
    'requests/s': Math.round(median(samples[kind].map(({ perSecond }) => perSecond))),
    'µs of processor': round(median(samples[kind].map(({ cpu }) => cpu))),
    'docked / this': round(
      ratio(samples.docked, samples[kind], ({ perSecond }) => perSecond),
      3,
    ),
    'docked / this, by processor': round(
      ratio(samples[kind], samples.docked, ({ cpu }) => cpu),
      3,
    ),
  });
  const figures = Object.fromEntries(KINDS.map((kind) => [kind, row(kind)]));
  console.table(figures);
  console.log(JSON.stringify({ bench: 'dispatch', rounds: ROUNDS, figures }));
}

function ratio(these: readonly Sample[], those: readonly Sample[], of: (sample: Sample) => number): number {
  return median(these.map((sample, i) => of(sample) / of(those[i] as Sample)));
}
