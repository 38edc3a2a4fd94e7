import { OUT_OF_MEMORY } from './out-of-memory.js';

/** How a fault is brought about. */
export type Provocation =
  /** By a request to `/fault`. */
  | 'request'
  /** By enabling the module. */
  | 'load'
  /** By disabling the module. */
  | 'unload'
  /** By its job. */
  | 'job';

/** One thing that a module may do wrong. */
export interface Fault {
  /** Kebab-case; the module that does it is `chaos-{name}`. */
  readonly name: string;
  /** As the table has it. */
  readonly title: string;
  readonly provocation: Provocation;
  /** The module's files; `index.ts` is its entry. */
  readonly files: Readonly<Record<string, string>>;
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** Nothing in one process can contain it: the host ends, or is stuck, where the module runs inline. */
  readonly lethalInline?: boolean;
  /** One of many of its kind: left out where the suite is run short. */
  readonly rare?: boolean;
}

/** A plugin that does it in the handler of `/fault`, and answers at `/ok`. */
const inHandler = (body: string): Fault['files'] => ({
  'index.ts': `
    import childProcess from 'node:child_process';
    import fs from 'node:fs';
    import net from 'node:net';
    import path from 'node:path';
    export default async (app, { context }) => {
      app.get('/ok', async () => ({ ok: true }));
      app.get('/fault', async (request, reply) => { ${body} });
    };`,
});

/** A Nest module that does it in one of its hooks. */
const inHook = (hook: string, body: string): Fault['files'] => ({
  'index.ts': `
    import { Controller, Get, Module } from '@nestjs/common';
    @Controller()
    class Routes {
      @Get('ok') ok() { return { ok: true }; }
    }
    @Module({ controllers: [Routes] })
    export default class Entry {
      async ${hook}() { ${body} }
    }`,
});

const START_HOOKS = ['onModuleInit', 'onApplicationBootstrap'];
const STOP_HOOKS = ['onModuleDestroy', 'beforeApplicationShutdown', 'onApplicationShutdown'];

const hooks = (what: string, title: string, body: string): Fault[] =>
  [...START_HOOKS, ...STOP_HOOKS].map((hook) => ({
    name: `${what}-${hook.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    title: `${title} in \`${hook}\``,
    provocation: START_HOOKS.includes(hook) ? 'load' : 'unload',
    files: inHook(hook, body),
    rare: hook !== 'onModuleInit' && hook !== 'onModuleDestroy',
  }));

const inRequest = (name: string, title: string, body: string, more: Partial<Fault> = {}): Fault => ({
  name,
  title,
  provocation: 'request',
  files: inHandler(body),
  ...more,
});

const GRANTED = { permissions: ['network:listen', 'network:outbound', 'process:spawn', 'filesystem:write'] };

/** What modules do wrong, worst practice first. */
export const FAULTS: readonly Fault[] = [
  inRequest('throw', 'throws in a handler', `throw new Error('no');`),
  inRequest('reject', 'rejects in a handler', `return Promise.reject(new Error('no'));`),
  inRequest('throw-in-timer', 'throws in a timer', `setTimeout(() => { throw new Error('late'); }, 5); return {};`),
  inRequest(
    'unhandled-rejection',
    'leaves a promise alone that fails',
    `void Promise.reject(new Error('alone')); return {};`,
  ),
  inRequest(
    'throw-no-error',
    'throws what is no Error, in a timer',
    `setTimeout(() => { throw Object.create(null); }, 5); return {};`,
  ),
  inRequest(
    'throw-in-emitter',
    'emits an error that nobody listens for',
    `const { EventEmitter } = await import('node:events'); setTimeout(() => new EventEmitter().emit('error', new Error('unheard')), 5); return {};`,
  ),
  inRequest('exit', 'calls `process.exit()`', `process.exit(3);`),
  inRequest('abort', 'calls `process.abort()`', `process.abort();`),
  inRequest('kill', 'calls `process.kill()` on its own process', `process.kill(process.pid, 'SIGKILL'); return {};`),
  inRequest(
    'sigkill',
    'ends its own process where no net is',
    `process._kill(process.pid, 9); await new Promise(() => undefined);`,
    { lethalInline: true },
  ),
  inRequest('endless-loop', 'loops for ever', `for (;;);`, { lethalInline: true }),
  inRequest(
    'catastrophic-regex',
    'asks a regular expression that never ends',
    `return { found: /^(a+)+$/.test('a'.repeat(40) + 'b') };`,
    { lethalInline: true },
  ),
  {
    name: 'endless-job',
    title: 'loops for ever in a job',
    provocation: 'job',
    files: { ...inHandler('return {};'), 'job.ts': 'export default () => { for (;;); };' },
    manifest: { jobs: { spin: { name: 'Spin', description: 'Loops', handler: './job.ts', retries: 0 } } },
    lethalInline: true,
    rare: true,
  },
  ...OUT_OF_MEMORY.map(({ name, title, body }, index) =>
    inRequest(`memory-${name}`, `runs out of memory: ${title}`, body, { lethalInline: true, rare: index > 1 }),
  ),
  inRequest('stack-overflow', 'calls itself without end', `const deep = () => 1 + deep(); return { deep: deep() };`),
  inRequest('huge-body', 'answers with 64 MB', `return 'x'.repeat(64 * 2 ** 20);`),
  inRequest('huge-headers', 'answers with 1 MB of headers', `reply.header('x-huge', 'x'.repeat(2 ** 20)); return {};`),
  inRequest('never-answers', 'never answers', `await new Promise(() => undefined);`, {
    manifest: { limits: { requestTimeoutMs: 1_000 } },
  }),
  inRequest(
    'answers-twice',
    'answers twice',
    `reply.send({ first: true }); reply.send({ second: true }); reply.raw.end('third');`,
  ),
  inRequest(
    'writes-after-end',
    'writes after the end of its answer',
    `reply.hijack(); reply.raw.end('done'); setTimeout(() => reply.raw.write('more'), 5);`,
  ),
  inRequest(
    'breaks-off',
    'breaks its answer off',
    `reply.hijack(); reply.raw.writeHead(200, { 'content-length': 100 }); reply.raw.write('part'); setTimeout(() => reply.raw.destroy(), 20);`,
  ),
  inRequest(
    'leaks-timers',
    'leaves timers behind',
    `for (let i = 0; i < 1000; i++) setInterval(() => undefined, 10); return {};`,
  ),
  inRequest(
    'leaks-listeners',
    'leaves listeners on the process',
    `for (let i = 0; i < 100; i++) process.on('SIGUSR2', () => undefined); return {};`,
  ),
  inRequest(
    'opens-port',
    'opens a port and leaves it',
    `const server = net.createServer().listen(0); await new Promise((resolve) => server.on('listening', resolve)); return { port: server.address().port };`,
    { manifest: GRANTED },
  ),
  inRequest(
    'fills-log',
    'writes 100,000 lines to the log',
    `for (let i = 0; i < 100_000; i++) context.logger.warn('line ' + i); return {};`,
  ),
  inRequest(
    'fills-disk',
    'writes files until somebody stops it',
    `
    const folder = process.env.TMPDIR ?? import.meta.dirname;
    setTimeout(async () => { for (let i = 0; i < 400; i++) { await fs.promises.writeFile(path.join(folder, 'bomb-' + i), Buffer.alloc(2 ** 20)); } }, 5);
    return {};`,
  ),
  inRequest(
    'forks-children',
    'starts programs and leaves them',
    `const children = Array.from({ length: 10 }, () => childProcess.spawn('sleep', ['600'])); return { pids: children.map(({ pid }) => pid) };`,
    { manifest: GRANTED },
  ),
  inRequest(
    'patches-prototypes',
    'changes the prototypes that everybody shares',
    `Object.prototype.extra = () => 1; Array.prototype.last = function () { return this.at(-1); }; return {};`,
  ),
  inRequest(
    'late-network-error',
    'is refused a connection that it does not listen to',
    `net.connect(9, '127.0.0.1'); return {};`,
    { manifest: GRANTED },
  ),
  {
    name: 'loops-at-top',
    title: 'loops for ever at its top level',
    provocation: 'load',
    files: { 'index.ts': 'for (;;); export default async () => undefined;' },
  },
  {
    name: 'throws-at-top',
    title: 'throws at its top level',
    provocation: 'load',
    files: { 'index.ts': `throw new Error('at the top'); export default async () => undefined;` },
  },
  {
    name: 'kills-at-top',
    title: 'ends its process at its top level',
    provocation: 'load',
    files: { 'index.ts': `process._kill(process.pid, 9); export default async () => undefined;` },
    lethalInline: true,
  },
  ...hooks('hangs-in', 'hangs', 'await new Promise(() => undefined);'),
  ...hooks('throws-in', 'throws', `throw new Error('in the hook');`),
];

/** Those of a run: all, or one or two of each kind. */
export const faultsOf = (full: boolean): readonly Fault[] => FAULTS.filter(({ rare = false }) => full || !rare);
