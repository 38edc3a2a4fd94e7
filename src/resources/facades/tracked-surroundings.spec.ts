import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type childProcess from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import type fs from 'node:fs';
import type http from 'node:http';
import type http2 from 'node:http2';
import { createRequire } from 'node:module';
import type net from 'node:net';
import type timers from 'node:timers';
import type timersPromises from 'node:timers/promises';
import type tls from 'node:tls';
import { inherits, inspect, promisify } from 'node:util';
import { Ledger } from '../ledger.js';
import { TRACKED_EXPORTS } from './tracked-exports.js';
import { TrackedSurroundings } from './tracked-surroundings.js';

const require = createRequire(import.meta.url);
const real = <T>(name: string): T => require(name.startsWith('rxjs') ? name : `node:${name}`) as T;

let ledger: Ledger;
let surroundings: TrackedSurroundings;
const node = <T>(name: string): T => surroundings.required(name, real(name)) as T;
const kinds = async () => (await ledger.close()).left.map(({ kind }) => kind);
beforeEach(() => {
  ledger = new Ledger('hello@1');
  surroundings = new TrackedSurroundings(ledger);
});
afterEach(async () => {
  expect((await ledger.close()).failures).toEqual([]);
});

/** What can be seen of a value from outside. */
function looks(value: unknown): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return value;
  const { name, length } = value as { name?: unknown; length?: unknown };
  const keys = Reflect.ownKeys(value);
  const enumerable = keys.filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
  return { type: typeof value, name, length, keys, enumerable, prototype: Object.getPrototypeOf(value) as unknown };
}

describe.each(Object.keys(TRACKED_EXPORTS))('what stands for %s', (name) => {
  const original = real<Record<string, unknown>>(name);

  it('looks as that does, and so does each of its exports', () => {
    const facade = node<Record<string, unknown>>(name);
    expect(Reflect.ownKeys(facade)).toEqual(Reflect.ownKeys(original));
    expect(Object.keys(facade)).toEqual(Object.keys(original));
    for (const [key, value] of Object.entries(original)) {
      // A scheduler has a method that is its own.
      if (!/^(scheduler|async|asyncScheduler)$/.test(key))
        expect([key, looks(facade[key])]).toEqual([key, looks(value)]);
    }
  });

  it('has all that it says is tracked, one facade for each', () => {
    const facade = node<Record<string, unknown>>(name);
    expect(node(name)).toBe(facade);
    for (const key of Object.keys(TRACKED_EXPORTS[name] ?? {})) {
      expect([key, typeof original[key]]).not.toEqual([key, 'undefined']);
      expect([key, facade[key] === original[key]]).toEqual([key, false]);
      expect(facade[key]).toBe(facade[key]);
    }
  });
});

it('lets all other modules of Node be themselves', () => {
  expect(node('path')).toBe(real('path'));
});

describe('names of one thing', () => {
  it('remain names of one thing', () => {
    const { setTimeout: sleep } = node<typeof timersPromises>('timers/promises');
    expect(surroundings.globals['setTimeout']).toBe(node<typeof timers>('timers').setTimeout);
    expect(promisify(node<typeof timers>('timers').setTimeout)).toBe(sleep);
    expect(node<typeof timers>('timers').promises).toBe(node('timers/promises'));
    expect(node<typeof fs>('fs').promises).toBe(node('fs/promises'));
    expect(node<{ Stream: unknown }>('net').Stream).toBe(node<typeof net>('net').Socket);
  });
});

describe('what a module changes in one of them', () => {
  it('is its own, unless Node looks at it there', () => {
    const own = node<{ connect: unknown; DEFAULT_MIN_VERSION: string }>('tls');
    const original = real<typeof own>('tls');
    const { DEFAULT_MIN_VERSION: before, connect } = original;
    own.connect = 'changed';
    own.DEFAULT_MIN_VERSION = 'TLSv1.3';
    expect(original.connect).toBe(connect);
    expect(original.DEFAULT_MIN_VERSION).toBe('TLSv1.3');
    own.DEFAULT_MIN_VERSION = before;
    const agent = node<typeof http>('http').globalAgent;
    expect(agent).toBe(real<typeof http>('http').globalAgent);
  });
});

describe('classes', () => {
  it('can be inherited from, in both ways, and what inherits is tracked', async () => {
    const { Server, createServer } = node<typeof net>('net');
    class Own extends Server {
      readonly own = true;
    }
    const own = new Own();
    expect(own).toBeInstanceOf(Own);
    expect(own).toBeInstanceOf(Server);
    expect(own).toBeInstanceOf(real<typeof net>('net').Server);
    expect(own.own).toBe(true);
    expect(createServer()).toBeInstanceOf(Server);

    function Old(this: object) {
      (Server as unknown as (this: object) => void).call(this);
    }
    inherits(Old, Server);
    const old = new (Old as unknown as new () => net.Server)();
    expect(old).toBeInstanceOf(Server);
    for (const server of [own, old]) await once(server.listen(0, '127.0.0.1'), 'listening');
    expect(await kinds()).toEqual(['servers', 'servers']);
    expect([own.listening, old.listening]).toEqual([false, false]);
  });

  it('that are no resource are Node’s own', () => {
    class Emitter extends node<typeof EventEmitter>('events') {}
    expect(new Emitter()).toBeInstanceOf(EventEmitter);
    expect(inspect(node<typeof net>('net').Server)).toBe(inspect(real<typeof net>('net').Server));
  });
});

describe('protocols above TCP', () => {
  it('are tracked as well', async () => {
    const { connect, createServer } = node<typeof http2>('http2');
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    const session = connect(`http://127.0.0.1:${port}`);
    await once(session, 'connect');
    const silent = node<typeof net>('net').createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const encrypted = node<typeof tls>('tls').connect((silent.address() as net.AddressInfo).port, '127.0.0.1');
    await once(silent, 'connection');
    expect((await kinds()).sort()).toEqual(['servers', 'servers', 'sockets', 'sockets']);
    expect([session.destroyed, encrypted.destroyed, server.listening]).toEqual([true, true, false]);
  });
});

describe('a server that its module has closed', () => {
  it('is left for as long as a connection of it is open', async () => {
    const server = node<typeof net>('net').createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = real<typeof net>('net').connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    await once(server, 'connection');
    server.close();
    const closed = once(client, 'close');
    expect(await kinds()).toEqual(['servers']);
    await closed;
  });
});

describe('what promises a child', () => {
  it('tells of the child, and is tracked', async () => {
    const { exec, execFile } = node<typeof childProcess>('child_process');
    await expect(promisify(exec)('echo hello')).resolves.toEqual({ stdout: 'hello\n', stderr: '' });
    const sleeping = promisify(execFile)('sleep', ['60']);
    const failed = sleeping.catch((error: Error) => error);
    expect(sleeping.child.pid).toBeGreaterThan(0);
    expect(await kinds()).toEqual(['children']);
    expect(await failed).toMatchObject({ signal: 'SIGKILL' });
  });
});

describe('once the module is gone', () => {
  it.each([
    ['net', (own: typeof net) => new own.Socket()],
    ['net', (own: typeof net) => own.createServer()],
    ['http', (own: typeof http) => own.get('http://127.0.0.1:1')],
    ['child_process', (own: typeof childProcess) => own.spawn('sleep')],
    ['fs', (own: typeof fs) => own.watch('.')],
  ])('nothing is made any more with node:%s', async (name, make) => {
    const own = node<never>(name);
    await ledger.close();
    expect(() => make(own)).toThrow('hello@1 was unloaded');
  });
});
