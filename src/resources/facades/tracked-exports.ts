import { agent, child, datagramSocket, request, server, session, socket, watcher, worker } from '../handles.js';
import { constructing, type FacadeMaker, immediate, returning, timing, watchingFile } from './making-facades.js';
import { RXJS_EXPORTS } from './rxjs-facades.js';
import { iterating, promising, scheduling } from './stopping-facades.js';

/** By name of the module and of the export. */
type TrackedExports = Readonly<Record<string, Readonly<Record<string, FacadeMaker>>>>;

const http = {
  Agent: constructing(agent),
  Server: constructing(server),
  createServer: returning(server),
  get: returning(request),
  request: returning(request),
};

const webServers = { createServer: returning(server), createSecureServer: returning(server) };

const promiseTimer = promising({ kind: 'timers', optionsAt: 2 });

/** What makes things that outlive the call: in Node's own modules, and in rxjs. */
export const TRACKED_EXPORTS: TrackedExports = {
  ...RXJS_EXPORTS,
  child_process: {
    exec: returning(child),
    execFile: returning(child),
    fork: returning(child),
    spawn: returning(child),
  },
  dgram: { Socket: constructing(datagramSocket), createSocket: returning(datagramSocket) },
  fs: {
    promises: (_original, context) => context.exportsOf('fs/promises'),
    watch: returning(watcher),
    watchFile: watchingFile,
  },
  'fs/promises': { watch: iterating({ kind: 'watchers', optionsAt: 1 }) },
  http: { ...http, ClientRequest: constructing(request) },
  http2: { ...webServers, connect: returning(session) },
  https: http,
  net: {
    Server: constructing(server),
    Socket: constructing(socket),
    Stream: constructing(socket),
    connect: returning(socket),
    createConnection: returning(socket),
    createServer: returning(server),
  },
  timers: {
    promises: (_original, context) => context.exportsOf('timers/promises'),
    setImmediate: immediate,
    setInterval: timing({ knowsPlace: true }),
    setTimeout: timing({ knowsPlace: false }),
  },
  'timers/promises': {
    scheduler: scheduling,
    setImmediate: promising({ kind: 'timers', optionsAt: 1 }),
    setInterval: iterating({ kind: 'timers', optionsAt: 2 }),
    setTimeout: promiseTimer,
  },
  tls: {
    Server: constructing(server),
    TLSSocket: constructing(socket),
    connect: returning(socket),
    createServer: returning(server),
  },
  worker_threads: { Worker: constructing(worker) },
};
