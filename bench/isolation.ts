/**
 * What a process of its own costs a module, and what it gives: throughput and latency against the same module inline, in
 * one run; the start of a process and its memory; and how long a module is away that crashes or hangs.
 */
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type INestApplicationContext } from '@nestjs/common';
import { ModuleLoaderService } from '../src/lifecycle/index.js';
import { BenchHost } from './support/bench-host.js';
import { nestModule } from './support/bench-module.js';
import { median, percentile, round } from './support/figures.js';
import { Load } from './support/load.js';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 9);
const CRASHES = Number(process.env['BENCH_CRASHES'] ?? 10);
const SECONDS = 1;
const CONNECTIONS = 50;
const IN_FLIGHT = 40;
const LATENCIES = 1_000;
const KINDS = ['inline', 'process'] as const;
type Kind = (typeof KINDS)[number];

/** Ends, hangs or waits where it is told to. */
const SUBJECT = `
export default async (app) => {
  app.get('/pid', async () => ({ pid: process.pid }));
  app.get('/wait', () => new Promise(() => undefined));
  app.get('/die', () => process._kill(process.pid, 9));
  app.get('/hang', () => { for (;;); });
};`;

const bench = await BenchHost.create();
const load = new Load();
const agent = new Agent({ keepAlive: true });
try {
  for (const kind of KINDS) await bench.write(kind, described(kind, nestModule(kind, 1)));
  await bench.write('subject', described('process', { 'manifest.json': manifest('subject'), 'src/index.ts': SUBJECT }));
  const { app, url } = await bench.open({ QUARANTINE_CRASHES: '0' });
  const loader = app.get(ModuleLoaderService);
  const target = (module: string, path: string) => `${url()}/api/v1/m/${module}${path}`;
  console.table(await starts(loader));
  console.table(await dispatch(target));
  console.table(await recoveries(app, target));
} finally {
  load.end();
  agent.destroy();
  await bench.dispose();
}

/** From the call to the module serving, and what its process takes then. */
async function starts(loader: ModuleLoaderService) {
  const rows: Record<string, object> = {};
  for (const kind of KINDS) {
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const begin = performance.now();
      await loader.loadModule(kind);
      times.push(performance.now() - begin);
      if (i < 4) await loader.unloadModule(kind);
    }
    rows[kind] = { 'enable p50 ms': round(median(times), 0) };
  }
  return rows;
}

async function dispatch(target: (module: string, path: string) => string) {
  const perSecond: Record<Kind, number[]> = { inline: [], process: [] };
  const p50: Record<Kind, number[]> = { inline: [], process: [] };
  const path = '/readings?limit=3';
  for (const kind of KINDS) await load.run({ url: target(kind, path), connections: CONNECTIONS, duration: SECONDS });
  for (let i = 0; i < ROUNDS; i++) {
    for (const kind of i % 2 === 0 ? KINDS : [...KINDS].reverse()) {
      const { perSecond: rate, failed } = await load.run({
        url: target(kind, path),
        connections: CONNECTIONS,
        duration: SECONDS,
      });
      if (failed > 0) throw new Error(`${failed} requests failed`);
      perSecond[kind].push(rate);
      p50[kind].push(await medianLatency(target(kind, path)));
    }
  }
  const row = (kind: Kind) => ({
    'requests/s': Math.round(median(perSecond[kind])),
    'to inline': round(median(perSecond[kind].map((rate, i) => rate / (perSecond.inline[i] as number))), 2),
    'p50 ms, one at a time': round(median(p50[kind]), 3),
    'more than inline': round(median(p50[kind].map((ms, i) => ms - (p50.inline[i] as number))), 3),
  });
  return { inline: row('inline'), process: row('process') };
}

async function recoveries(app: INestApplicationContext, target: (module: string, path: string) => string) {
  const loader = app.get(ModuleLoaderService);
  const rows: Record<string, number[]> = {
    'crash: first 200': [],
    'crash: all in flight answered': [],
    'hang: first 200': [],
    'memory MB': [],
  };
  for (const path of ['/die', '/hang']) {
    for (let i = 0; i < CRASHES; i++) {
      await loader.loadModule('subject');
      const { pid } = JSON.parse(await body(target('subject', '/pid'))) as { pid: number };
      rows['memory MB']?.push(await residentMb(pid));
      const waiting = Array.from({ length: IN_FLIGHT }, () => body(target('subject', '/wait'), true));
      await sleep(100);
      const begin = performance.now();
      const fatal = body(target('subject', path), true);
      if (path === '/die') {
        await Promise.all([fatal, ...waiting]);
        rows['crash: all in flight answered']?.push(performance.now() - begin);
      }
      while ((await status(target('subject', '/pid'))) !== 200 || performance.now() - begin < 20) await sleep(5);
      const isSame = (JSON.parse(await body(target('subject', '/pid'))) as { pid: number }).pid === pid;
      if (isSame) throw new Error('the process did not end');
      rows[path === '/die' ? 'crash: first 200' : 'hang: first 200']?.push(performance.now() - begin);
      await Promise.all([fatal, ...waiting]);
      await loader.unloadModule('subject');
    }
  }
  return Object.fromEntries(
    Object.entries(rows).map(([name, figures]) => {
      const sorted = [...figures].sort((a, b) => a - b);
      return [
        name,
        {
          p50: Math.round(percentile(sorted, 0.5)),
          p90: Math.round(percentile(sorted, 0.9)),
          most: Math.round(sorted.at(-1) ?? 0),
        },
      ];
    }),
  );
}

async function medianLatency(url: string): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < LATENCIES; i++) {
    const begin = performance.now();
    await body(url);
    times.push(performance.now() - begin);
  }
  return median(times);
}

async function body(url: string, whatever = false): Promise<string> {
  const { code, text } = await ask(url);
  if (code !== 200 && !whatever) throw new Error(`${url} answered ${code}`);
  return text;
}

async function status(url: string): Promise<number> {
  return (await ask(url)).code;
}

function ask(url: string): Promise<{ code: number; text: string }> {
  return new Promise((resolve, reject) => {
    request(url, { agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ code: response.statusCode ?? 0, text })).on('error', reject);
    })
      .on('error', reject)
      .end();
  });
}

async function residentMb(pid: number): Promise<number> {
  const pages = Number((await readFile(`/proc/${pid}/statm`, 'latin1')).split(' ')[1]);
  return Math.round((pages * 4096) / 2 ** 20);
}

function manifest(name: string): string {
  return JSON.stringify({
    name,
    version: '1.0.0',
    displayName: name,
    description: 'Of the benches',
    author: 'Nestdock',
    entry: './src/index.ts',
  });
}

function described(isolation: Kind, files: Readonly<Record<string, string>>): Record<string, string> {
  const keys = JSON.parse(files['manifest.json'] ?? '{}') as object;
  return { ...files, 'manifest.json': JSON.stringify({ ...keys, isolation }) };
}
