import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { hasErrorCode } from '../src/common/error-code.js';
import { eventually } from './support/eventually.js';
import { HostProcess } from './support/host-process.js';
import { writeModule } from './support/write-module.js';

interface Line {
  readonly module?: string;
  readonly generation?: number;
  readonly left?: Readonly<Record<string, number>>;
  readonly at?: readonly string[];
  readonly fault?: string;
}

interface Stats {
  readonly leftBehind: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly leaking: Readonly<Record<string, number>>;
}

const ENTRIES = {
  leaky: {},
  'leaky-nest': { entry: './src/nest.ts', routes: [] },
  'leaky-plugin': { entry: './src/plugin.ts', routes: [] },
} as const;

let host: HostProcess;
let folder: string;
/** Somebody whom modules connect to. */
const outside = createServer((request, response) => {
  if (request.url === '/answered') response.end('answered');
});
const incoming = new Set<Socket>();
outside.on('connection', (socket) => {
  incoming.add(socket);
  socket.once('close', () => incoming.delete(socket));
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nestdock-leaks-'));
  await once(outside.listen(0, '127.0.0.1'), 'listening');
  const preload = pathToFileURL(join(import.meta.dirname, 'support', 'collect-garbage.js'));
  host = await HostProcess.start({ modules: ['leaky'], env: { NODE_OPTIONS: `--import ${preload.href}` } });
  const manifest = JSON.parse(await readFile(join(host.modulesDir, 'leaky/manifest.json'), 'utf8')) as object;
  for (const [name, entry] of Object.entries(ENTRIES)) {
    if (name !== 'leaky') await cp(join(host.modulesDir, 'leaky'), join(host.modulesDir, name), { recursive: true });
    await writeFile(join(host.modulesDir, name, 'manifest.json'), JSON.stringify({ ...manifest, name, ...entry }));
  }
  await host.admin('POST', '/modules/scan');
});
afterAll(async () => {
  await host?.dispose();
  outside.closeAllConnections();
  outside.close();
  await rm(folder, { recursive: true });
});

const operate = async (name: string, operation: string) =>
  expect(await host.admin('POST', `/modules/${name}/${operation}`)).toMatchObject({ status: 200 });
const stats = async () => (await host.admin<Stats>('GET', '/modules/stats')).body;
const lines = (): Line[] =>
  host.output.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Line] : []));
const reports = (module: string) => lines().filter((line) => line.module === module && line.left);

const file = (name: string) => join(folder, name);
async function leak<T>(module: string, kind: string): Promise<T> {
  const options = {
    log: file(`${module}.log`),
    watched: file('watched'),
    port: (outside.address() as AddressInfo).port,
  };
  const response = await fetch(`${host.url}/api/v1/m/${module}/leak/${encodeURIComponent(kind)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(options),
  });
  expect(response.ok).toBe(true);
  return ((await response.json()) as { made: T }).made;
}

/** What has said since that it is alive. */
async function alive(module: string): Promise<Set<string>> {
  await writeFile(file(`${module}.log`), '');
  await appendFile(file('watched'), 'changed\n');
  process.kill(host.pid as number, 'SIGWINCH'); // which ends no process that does not listen
  await sleep(300);
  return new Set((await readFile(file(`${module}.log`), 'utf8')).split('\n').filter((line) => line !== ''));
}

async function isRefused(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.destroy();
    return false;
  } catch (error) {
    if (hasErrorCode(error, 'ECONNREFUSED')) return true;
    throw error;
  }
}

/** Where nobody waits for it, one that has ended remains as a zombie. */
async function runs(pid: number): Promise<boolean> {
  try {
    return !/\) Z /.test(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/** Those that say so while they are alive. */
const SAYING = [
  ...['interval', 'observable', 'timeouts', 'immediates', 'sleeps', 'waits', 'promised intervals'],
  ...['worker', 'watcher', 'watcher of a file', 'promised watcher', 'listener'],
];

describe.each(Object.keys(ENTRIES))('what %s has made', (module) => {
  const ports: number[] = [];
  const pids: number[] = [];
  const clients: Socket[] = [];
  beforeAll(async () => {
    await writeFile(file('watched'), '');
    await operate(module, 'enable');
    for (const kind of [...SAYING, 'socket', 'request', 'agent', 'datagrams']) await leak(module, kind);
    for (const kind of ['server', 'own server', 'web server']) ports.push(await leak(module, kind));
    for (const kind of ['child', 'child of a shell', 'children in a group']) pids.push(await leak(module, kind));
    clients.push(...ports.map((port) => connect(port, '127.0.0.1').on('error', () => undefined)));
    await Promise.all(clients.map((client) => once(client, 'connect')));
  });

  it('is alive while it serves', async () => {
    await eventually(async () => expect([...(await alive(module))].sort()).toEqual([...SAYING].sort()));
    expect(await Promise.all(pids.map(runs))).toEqual([true, true, true]);
    expect(incoming.size).toBe(3);
  });

  it('is gone once it is disabled', async () => {
    const closed = clients.map((client) => once(client, 'close'));
    await operate(module, 'disable');
    await Promise.all(closed);
    expect(await Promise.all(ports.map(isRefused))).toEqual([true, true, true]);
    expect(await Promise.all(pids.slice(0, 2).map(runs))).toEqual([false, false]);
    await eventually(async () => expect(await runs(pids[2] as number)).toBe(false));
    await eventually(() => expect(incoming.size).toBe(0));
    expect(await alive(module)).toEqual(new Set());
  });

  it('is told of in the log and in the stats', async () => {
    const left = { timers: 7, sockets: 4, servers: 3, children: 3, workers: 1, watchers: 3, listeners: 1 };
    expect((await stats()).leftBehind[module]).toEqual(left);
    await eventually(() =>
      expect(reports(module)).toEqual([expect.objectContaining({ generation: 1, left, events: ['SIGWINCH'] })]),
    );
    const [report] = reports(module);
    const source = await readFile(join(host.modulesDir, module, 'src/leaks.ts'), 'utf8');
    const lineOf = (text: string) => source.slice(0, source.indexOf(text)).split('\n').length;
    for (const [kind, text] of [
      ['timers', 'void setInterval'],
      ['timers', 'subscribe'],
      ['servers', 'createNetServer())'],
      ['children', "spawn('sleep'"],
      ['workers', 'new Worker'],
      ['watchers', 'watch(options.watched,'],
      ['sockets', 'connect(port'],
      ['listeners', 'process.on'],
    ] as const) {
      const place = `${kind}: ${join(host.modulesDir, module, 'src/leaks.ts')}:${lineOf(text)}:`;
      expect(report?.at).toContainEqual(expect.stringContaining(place));
    }
    expect(lines().filter(({ fault }) => fault)).toEqual([]);
  });
});

describe('a module that cleans up', () => {
  it('has nothing said of it, and what a package of its own has made is ended all the same', async () => {
    const files = {
      'index.ts': `
        import { createServer } from 'node:http';
        import { setTimeout as sleep } from 'node:timers/promises';
        import start from 'ticker';
        export default async (app) => {
          const server = createServer().listen(0);
          const timer = setInterval(() => undefined, 10);
          await sleep(1);
          app.addHook('onClose', async () => {
            clearInterval(timer);
            await new Promise((resolve) => server.close(resolve));
          });
          app.get('/start', async () => ({ started: start() }));
        };`,
      'node_modules/ticker/package.json': JSON.stringify({ name: 'ticker', version: '1.0.0', main: 'index.js' }),
      'node_modules/ticker/index.js': `\n\nmodule.exports = () => void setInterval(() => undefined, 10);`,
    };
    await writeModule(host.modulesDir, { name: 'tidy', entry: './index.ts' }, files);
    await host.admin('POST', '/modules/scan');
    await operate('tidy', 'enable');
    for (let reload = 0; reload < 3; reload++) await operate('tidy', 'reload');
    expect(reports('tidy')).toEqual([]);
    expect((await stats()).leftBehind['tidy']).toBeUndefined();

    expect((await fetch(`${host.url}/api/v1/m/tidy/start`)).ok).toBe(true);
    await operate('tidy', 'reload');
    const at = [`timers: ${join(host.modulesDir, 'tidy/node_modules/ticker/index.js')}:3:29`];
    await eventually(() =>
      expect(reports('tidy')).toEqual([expect.objectContaining({ generation: 4, left: { timers: 1 }, at })]),
    );
  });

  it('is not blamed for what another keeps in memory', async () => {
    const leaky = `export default async (app) => { globalThis.setInterval(() => app, 1_000).unref(); };`;
    await writeModule(host.modulesDir, { name: 'kept', entry: './index.ts' }, { 'index.ts': leaky });
    await host.admin('POST', '/modules/scan');
    await operate('tidy', 'reload');
    await operate('kept', 'enable');
    for (let reload = 0; reload < 2; reload++) await operate('kept', 'reload');
    await eventually(async () => expect((await stats()).leaking).toEqual({ kept: 2 }));
  });
});

describe('a load that fails', () => {
  it('leaves nothing of what it had begun', async () => {
    const failing = `setInterval(() => undefined, 10);\nexport default async () => { throw new Error('no'); };`;
    await writeModule(host.modulesDir, { name: 'failing', entry: './index.ts' }, { 'index.ts': failing });
    const top = `setInterval(() => undefined, 10);\nthrow new Error('no');`;
    await writeModule(host.modulesDir, { name: 'failing-early', entry: './index.ts' }, { 'index.ts': top });
    await host.admin('POST', '/modules/scan');
    for (const name of ['failing', 'failing-early']) {
      expect((await host.admin('POST', `/modules/${name}/enable`)).status).toBeGreaterThan(399);
      const at = [`timers: ${join(host.modulesDir, name, 'index.ts')}:1:1`];
      await eventually(() =>
        expect(reports(name)).toEqual([expect.objectContaining({ generation: 1, left: { timers: 1 }, at })]),
      );
    }
  });
});

describe('a module in a process of its own', () => {
  it('is told of in the same way', async () => {
    const leaky = `export default async () => { setInterval(() => undefined, 10); };`;
    const manifest = { name: 'apart', entry: './index.ts', isolation: 'process' };
    await writeModule(host.modulesDir, manifest, { 'index.ts': leaky });
    await host.admin('POST', '/modules/scan');
    await operate('apart', 'enable');
    await operate('apart', 'disable');
    const at = [expect.stringMatching(/^timers: .*apart\/index\.ts:1:\d+$/)];
    await eventually(() => expect(reports('apart')).toEqual([expect.objectContaining({ left: { timers: 1 }, at })]));
    expect((await stats()).leftBehind['apart']).toBeUndefined();
  });
});
