import dgram from 'node:dgram';
import net from 'node:net';
import { NestdockError } from '../../common/errors/nestdock-error.js';

type AnyMethod = (this: unknown, ...args: unknown[]) => unknown;

/** Where a socket is to lead, or a server to listen. */
export interface Endpoint {
  readonly path?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
}

export interface NetworkTerms {
  /** Granted: `network:outbound`, `network:listen`. */
  readonly permissions: readonly string[];
  /** What the host's own part of the process connects to: its database. */
  readonly database: Endpoint;
  /** Where the host's own part listens. */
  readonly socketPath: string;
}

/**
 * Holds the process to the network that it was granted. Node's permission model knows nothing of the network, so this is
 * done where every socket passes by; native code could go around it, which needs a permission of its own.
 */
export function guardNetwork({ permissions, database, socketPath }: NetworkTerms): void {
  if (!permissions.includes('network:outbound')) {
    const isDatabase = (args: readonly unknown[]) => sameEndpoint(endpointOf(args), database);
    guard(net.Socket.prototype, 'connect', 'network:outbound', isDatabase);
    for (const method of ['connect', 'send'] as const) guard(dgram.Socket.prototype, method, 'network:outbound', never);
  }
  if (!permissions.includes('network:listen')) {
    guard(net.Server.prototype, 'listen', 'network:listen', (args) => endpointOf(args).path === socketPath);
    guard(dgram.Socket.prototype, 'bind', 'network:listen', never);
  }
}

const never = () => false;

function guard(target: object, name: string, permission: string, isFree: (args: readonly unknown[]) => boolean): void {
  const original = Reflect.get(target, name) as AnyMethod;
  const guarded: AnyMethod = function (...args) {
    if (isFree(args)) return Reflect.apply(original, this, args);
    throw new NestdockError('PERMISSION_DENIED', `the module was not granted "${permission}"`, {
      extensions: { permission },
    });
  };
  Object.defineProperty(target, name, { value: guarded, writable: true, configurable: true });
}

/** Of `connect(options)`, `connect(port, host)`, `connect(path)` and what `net.connect()` makes of them; of `listen()` likewise. */
export function endpointOf([first, second]: readonly unknown[]): Endpoint {
  if (Array.isArray(first)) return endpointOf(first);
  if (typeof first === 'object' && first !== null) {
    const { path, host, port } = first as Endpoint;
    return { path, host, port: port === undefined ? undefined : Number(port) };
  }
  if (typeof first === 'string' && Number.isNaN(Number(first))) return { path: first };
  return { port: Number(first), host: typeof second === 'string' ? second : undefined };
}

const sameEndpoint = (one: Endpoint, other: Endpoint): boolean =>
  other.path === undefined
    ? one.path === undefined && one.port === other.port && one.host === other.host
    : one.path === other.path;
