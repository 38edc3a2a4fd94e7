import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { compileFunction, runInThisContext } from 'node:vm';
import { BundlingHost } from '../../../test/support/bundling-host.js';
import { bundleFileName, parseBundleFileName } from '../../kernel/index.js';
import { StackTraceMapper } from './stack-trace-mapper.js';

const FirstRealmError = runInThisContext('Error') as ErrorConstructor;

describe('the name of a bundle', () => {
  it('tells the generation', () => {
    const origin = { module: 'demo-meter', generation: 12 };
    expect(bundleFileName(origin)).toBe('nestdock:demo-meter@12/bundle.cjs');
    expect(parseBundleFileName(bundleFileName(origin))).toEqual(origin);
    expect(parseBundleFileName('/srv/modules/demo-meter/src/index.ts')).toBeUndefined();
    expect(parseBundleFileName('nestdock:demo-meter@x/bundle.cjs')).toBeUndefined();
  });
});

describe('stacks of a module', () => {
  let host: BundlingHost;
  let folder: string;
  beforeAll(async () => {
    host = await BundlingHost.start();
    folder = await host.write('failing', {
      'src/index.ts': `
        interface Nothing { here: true }
        class Reader {
          async read(): Promise<never> { await null; throw new Error('no reading'); }
        }
        export default {
          read: () => new Reader().read(),
          make: (Class: ErrorConstructor) => new Class('made'),
          call: (other: () => unknown) => other(),
        };`,
    });
  });
  afterAll(() => host.stop());

  interface Entry {
    readonly read: () => Promise<never>;
    readonly make: (constructor: ErrorConstructor) => Error;
    readonly call: <T>(other: () => T) => T;
  }

  it('point at the author’s lines, whichever realm the error is of', async () => {
    const { code, undo } = await host.load(folder);
    const { read, make } = code.entry as Entry;
    const file = join(folder, 'src/index.ts');
    const rejected = await read().catch((error: unknown) => error as Error);
    expect(rejected.stack?.split('\n').slice(0, 2)).toEqual(['Error: no reading', `    at Reader.read (${file}:4:60)`]);
    expect(make(Error).stack).toContain(`(${file}:8:46)`);
    expect(make(FirstRealmError).stack).toContain(`(${file}:8:46)`);
    await undo();
  });

  it('tell the generation that was nearest, and forget a bundle that is gone', async () => {
    const { code, undo } = await host.load(folder);
    const { make, call } = code.entry as Entry;
    const file = join(folder, 'src/index.ts');
    const made = make(Error);
    const below = call(() => new Error('in a package'));
    expect(host.stackTraces.originOf(made)).toMatchObject({ module: 'failing' });
    expect(host.stackTraces.originOf(below)).toEqual(host.stackTraces.originOf(made));
    expect(host.stackTraces.originOf(new Error('of the host'))).toBeUndefined();
    await undo();
    expect(make(Error).stack).not.toContain(file);
    expect(make(Error).stack).toMatch(/nestdock:failing@\d+\/bundle\.cjs:\d+:\d+/);
  });
});

describe('the formatter', () => {
  const installed = Reflect.get(FirstRealmError, 'prepareStackTrace') as unknown;
  const mapper = new StackTraceMapper();
  afterEach(() => {
    mapper.uninstall();
    expect(Reflect.get(FirstRealmError, 'prepareStackTrace')).toBe(installed);
  });

  /** Compiled where V8's own format is to be seen, without the test runner's. */
  const fail = compileFunction('return new Error("here")', [], { filename: '/some/file.js' }) as () => Error;

  it('leaves every other frame as V8 prints it', () => {
    Reflect.deleteProperty(FirstRealmError, 'prepareStackTrace');
    try {
      const plain = [1, 2].map(() => fail().stack)[0];
      mapper.install();
      const formatted = [1, 2].map(() => fail().stack)[0];
      mapper.uninstall();
      expect(Reflect.has(FirstRealmError, 'prepareStackTrace')).toBe(false);
      const frames = (stack: string | undefined) => stack?.replaceAll(/stack-trace-mapper\.spec\.ts:\d+:\d+/g, 'spec');
      expect(frames(formatted)).toBe(frames(plain));
    } finally {
      Reflect.set(FirstRealmError, 'prepareStackTrace', installed);
    }
  });

  it('prints what cannot be described as V8 does', () => {
    Reflect.deleteProperty(FirstRealmError, 'prepareStackTrace');
    try {
      const unreadable = compileFunction(
        'return new (class extends Error { get name() { throw 1 } })()',
      ) as () => Error;
      mapper.install();
      expect(unreadable().stack).toMatch(/^<error>\n {4}at /);
    } finally {
      mapper.uninstall();
      Reflect.set(FirstRealmError, 'prepareStackTrace', installed);
    }
  });

  it('hands mapped frames on to whoever formatted before', () => {
    const seen: string[] = [];
    FirstRealmError.prepareStackTrace = (error, frames) => {
      seen.push(
        ...frames.slice(0, 1).map((frame) => `${frame.getFileName()}:${frame.getLineNumber()} ${frame.isEval()}`),
      );
      return `formatted ${error.message}`;
    };
    try {
      mapper.install();
      const map = { version: 3, sources: ['src/a.ts'], names: [], mappings: 'AAQA' };
      const forget = mapper.register({ module: 'chained', generation: 1 }, JSON.stringify(map), '/srv/chained');
      const made = compileFunction('return new Error("here")', [], {
        filename: bundleFileName({ module: 'chained', generation: 1 }),
      }) as () => Error;
      expect(made().stack).toBe('formatted here');
      expect(seen).toEqual(['/srv/chained/src/a.ts:9 false']);
      forget();
      void made().stack;
      expect(seen[1]).toBe('nestdock:chained@1/bundle.cjs:1 false');
    } finally {
      mapper.uninstall();
      Reflect.set(FirstRealmError, 'prepareStackTrace', installed);
    }
  });
});
