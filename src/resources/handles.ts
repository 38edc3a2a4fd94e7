import { type ChildProcess } from 'node:child_process';
import { type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { type FSWatcher } from 'node:fs';
import { type Agent, type ClientRequest } from 'node:http';
import { type ClientHttp2Session } from 'node:http2';
import { type Server, type Socket } from 'node:net';
import { type Worker } from 'node:worker_threads';
import { hasErrorCode } from '../common/error-code.js';
import { type Resource } from './ledger.js';
import { type ResourceKind } from './resource-kinds.js';

/** What is to be known of the objects of one of Node's classes. */
export interface HandleType<T extends object = object> {
  readonly kind: ResourceKind;
  /** Called with each, as soon as it is made. */
  begin?(handle: T, madeWith: readonly unknown[]): void;
  isAlive(handle: T): boolean;
  end(handle: T): void | Promise<void>;
}

/** An object that Node itself holds for as long as it does anything: once it has been collected, nothing is left of it. */
export class Handle implements Resource {
  readonly #handle: WeakRef<object>;

  constructor(
    private readonly type: HandleType,
    handle: object,
    readonly madeAt: Error,
  ) {
    this.#handle = new WeakRef(handle);
  }

  get kind(): ResourceKind {
    return this.type.kind;
  }

  isAlive(): boolean {
    const handle = this.#handle.deref();
    return handle !== undefined && this.type.isAlive(handle);
  }

  end(): void | Promise<void> {
    const handle = this.#handle.deref();
    return handle && this.type.end(handle);
  }
}

export const socket: HandleType<Socket> = {
  kind: 'sockets',
  isAlive: ({ destroyed, connecting, pending }) => !destroyed && (connecting || !pending),
  end: (handle) => void handle.destroy(),
};

export const request: HandleType<ClientRequest> = {
  kind: 'sockets',
  isAlive: ({ destroyed, closed }) => !destroyed && !closed,
  end: (handle) => void handle.destroy(),
};

export const session: HandleType<ClientHttp2Session> = {
  kind: 'sockets',
  isAlive: ({ destroyed }) => !destroyed,
  end: (handle) => void handle.destroy(),
};

/** Keeps connections open for requests to come. */
export const agent: HandleType<Agent> = {
  kind: 'sockets',
  isAlive: ({ sockets, freeSockets }) => Object.keys(sockets).length + Object.keys(freeSockets).length > 0,
  end: (handle) => void handle.destroy(),
};

export const datagramSocket: HandleType<DatagramSocket> = {
  kind: 'sockets',
  isAlive: isBound,
  end: (handle) => void handle.close(),
};

const connections = new WeakMap<Server, Set<Socket>>();

/** Of every protocol: each is a server of connections. */
export const server: HandleType<Server> = {
  kind: 'servers',
  begin(handle) {
    const open = new Set<Socket>();
    connections.set(handle, open);
    handle.on('connection', (connection: Socket) => {
      open.add(connection);
      connection.once('close', () => open.delete(connection));
    });
  },
  isAlive: (handle) => handle.listening || (connections.get(handle)?.size ?? 0) > 0,
  async end(handle) {
    const closed = once(handle, 'close');
    handle.close();
    for (const connection of connections.get(handle) ?? []) connection.destroy();
    await closed;
  },
};

const detached = new WeakSet<ChildProcess>();

export const child: HandleType<ChildProcess> = {
  kind: 'children',
  begin(handle, madeWith) {
    if (madeWith.some((given) => Object(given) === given && Reflect.get(given as object, 'detached') === true)) {
      detached.add(handle);
    }
  },
  isAlive: ({ pid, exitCode, signalCode }) => pid !== undefined && exitCode === null && signalCode === null,
  async end(handle) {
    const exited = once(handle, 'exit');
    if (!detached.has(handle) || !killGroup(handle)) handle.kill('SIGKILL');
    await exited;
  },
};

export const worker: HandleType<Worker> = {
  kind: 'workers',
  isAlive: ({ threadId }) => threadId !== -1,
  end: async (handle) => void (await handle.terminate()),
};

const closedWatchers = new WeakSet<FSWatcher>();

export const watcher: HandleType<FSWatcher> = {
  kind: 'watchers',
  begin: (handle) => void handle.once('close', () => closedWatchers.add(handle)),
  isAlive: (handle) => !closedWatchers.has(handle),
  end: (handle) => handle.close(),
};

function isBound(handle: DatagramSocket): boolean {
  try {
    handle.address();
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'ERR_SOCKET_DGRAM_NOT_RUNNING') || hasErrorCode(error, 'EBADF')) return false;
    throw error;
  }
}

/** A child that leads a process group of its own may have children in it. @returns false where there is no such group */
function killGroup({ pid }: ChildProcess): boolean {
  if (pid === undefined || process.platform === 'win32') return false;
  try {
    return process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (hasErrorCode(error, 'ESRCH') || hasErrorCode(error, 'EPERM')) return false;
    throw error;
  }
}
