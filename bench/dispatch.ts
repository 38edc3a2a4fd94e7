/**
 * What docking costs a request: a module's route against the same controller registered statically, and against a bare
 * handler of Fastify's, in one process on one port. Rounds are interleaved, and the ratios taken within a round, so that
 * whatever else the machine does meets all three alike.
 */
import { createDispatchApp } from './support/dispatch-app.js';
import { median, round } from './support/figures.js';
import { Load } from './support/load.js';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 150);
/** Short, as what else the machine does comes and goes within seconds. */
const SECONDS = 0.2;
const WARM_UP_ROUNDS = 10;
const CONNECTIONS = 50;
const PATHS = {
  docked: '/api/v1/m/bench/bench/greet/world',
  static: '/bench/greet/world',
  bare: '/bare/greet/world',
};
type Kind = keyof typeof PATHS;
const KINDS = Object.keys(PATHS) as Kind[];

interface Sample {
  readonly perSecond: number;
  /** Processor time of the server for one request, in microseconds. */
  readonly cpu: number;
}

const { app, dock } = await createDispatchApp();
dock('bench');
await app.listen(0, '127.0.0.1');
const origin = await app.getUrl();
const load = new Load();
try {
  const samples: Record<Kind, Sample[]> = { docked: [], static: [], bare: [] };
  for (let i = 0; i < WARM_UP_ROUNDS; i++) for (const kind of KINDS) await sample(kind);
  for (let i = 0; i < ROUNDS; i++) {
    // Each kind is first, second and last equally often.
    const order = [...KINDS.slice(i % KINDS.length), ...KINDS.slice(0, i % KINDS.length)];
    for (const kind of order) samples[kind].push(await sample(kind));
  }
  report(samples);
} finally {
  load.end();
  await app.close();
}

async function sample(kind: Kind): Promise<Sample> {
  const before = process.cpuUsage();
  const { requests, failed, perSecond } = await load.run({
    url: origin + PATHS[kind],
    connections: CONNECTIONS,
    duration: SECONDS,
  });
  const { user, system } = process.cpuUsage(before);
  if (failed > 0) throw new Error(`${failed} requests to ${PATHS[kind]} failed`);
  return { perSecond, cpu: (user + system) / requests };
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
