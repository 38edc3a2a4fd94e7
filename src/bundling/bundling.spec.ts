import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BundlingHost } from '../../test/support/bundling-host.js';
import * as sdk from '../sdk/index.js';

let host: BundlingHost;
beforeAll(async () => {
  host = await BundlingHost.start();
});
afterAll(() => host.stop());

describe('the code of a module', () => {
  it('has the metadata of its decorators, and the host’s own packages', async () => {
    const folder = await host.write('decorated', {
      'tsconfig.json': { compilerOptions: { experimentalDecorators: false, target: 'es5' } },
      'src/index.ts': `
        import { Injectable } from '@nestjs/common';
        import Fastify, { fastify } from 'fastify';
        import { of } from 'rxjs';
        import * as validator from 'class-validator';
        import { InjectModuleContext } from 'nestdock';
        import { Options } from './options.js';
        @Injectable() export class Clock {}
        @Injectable() export default class Greeter {
          readonly doubled = this.clock;
          unset?: string;
          constructor(readonly clock: Clock, options: Options, readonly list: string[]) {}
          parts() { return { Injectable, same: Fastify === fastify, of: typeof of, IsString: typeof validator.IsString, InjectModuleContext }; }
        }`,
      'src/options.ts': 'export interface Options { loud: boolean }',
    });
    const { code, undo } = await host.load(folder);

    const Greeter = code.entry as new (...args: unknown[]) => { parts(): object };
    expect(Greeter.name).toBe('Greeter');
    const types = Reflect.getMetadata('design:paramtypes', Greeter) as { name: string }[];
    expect(types.map(({ name }) => name)).toEqual(['Clock', 'Object', 'Array']);
    const greeter = new Greeter('clock');
    expect(Object.entries(greeter)).toEqual([
      ['clock', 'clock'],
      ['list', undefined],
      ['doubled', 'clock'],
    ]);
    expect(greeter.parts()).toEqual({
      Injectable,
      same: true,
      of: 'function',
      IsString: 'function',
      InjectModuleContext: sdk.InjectModuleContext,
    });
    await undo();
  });

  it('shares only the packages of the host that it uses', async () => {
    const folder = await host.write('sparing', {
      'src/index.ts': `import { DataSource } from 'typeorm'; import { Injectable } from '@nestjs/common';
        import type { Observable } from 'rxjs';
        @Injectable() export default class A { x?: DataSource; y?: Observable<string> }`,
    });
    const { bundle } = await host.builder.build(folder);
    expect(bundle.externals).toEqual(['@nestjs/common']);
  });

  it('knows where its files lie', async () => {
    const folder = await host.write('located', {
      'src/index.ts': `
        import { dirname } from 'node:path';
        import { fileURLToPath } from 'node:url';
        import { common } from './deep/common.cjs';
        const __filename = fileURLToPath(import.meta.url);
        export default [import.meta.url, import.meta.dirname, import.meta.filename, dirname(__filename), common];`,
      'src/deep/common.cjs': 'exports.common = [__dirname, __filename];',
    });
    const { code } = await host.load(folder);
    const file = join(folder, 'src/index.ts');
    const deep = join(folder, 'src/deep');
    expect(code.entry).toEqual([
      pathToFileURL(file).href,
      join(folder, 'src'),
      file,
      join(folder, 'src'),
      [deep, join(deep, 'common.cjs')],
    ]);
  });

  it('imports JSON, its own files when asked, and by the paths of its tsconfig', async () => {
    const folder = await host.write('importing', {
      'tsconfig.json':
        '{ // as authors write them\n "compilerOptions": { "paths": { "@/*": ["./src/*"], "exact": ["./src/lazy.ts"] } } }',
      'src/index.ts': `
        import data from './data.json' with { type: 'json' };
        import plain from '@/data.json';
        import { lazy as exact } from 'exact';
        export default async () => [data, plain === data, (await import('./lazy.js')).lazy, exact, (await import('typeorm')).DataSource.name];`,
      'src/lazy.ts': 'export const lazy = 42;',
      'src/data.json': { answer: 41 },
    });
    const { code } = await host.load(folder);
    await expect((code.entry as () => Promise<unknown>)()).resolves.toEqual([
      { answer: 41 },
      true,
      42,
      42,
      'DataSource',
    ]);
  });

  it('is module.exports where the entry is CommonJS', async () => {
    const folder = await host.write(
      'common',
      {
        'index.cjs': `module.exports = async function plugin() {}; module.exports.list = () => 'list'; module.exports.strict = require('fastify').fastify === require('fastify');`,
      },
      { entry: './index.cjs', routes: [{ method: 'GET', path: '/', handler: 'list' }] },
    );
    const { code } = await host.load(folder);
    expect({ ...(code.entry as object) }).toEqual({ list: expect.any(Function), strict: true });
    expect(code.handler('list')({})).toBe('list');
  });

  it('may have classes that name each other', async () => {
    const folder = await host.write('circular', {
      'src/index.ts': `import { A } from './a.js'; import { B } from './b.js'; export default [A, B];`,
      'src/a.ts': `import { Inject, Injectable, forwardRef } from '@nestjs/common'; import { B } from './b.js';
        @Injectable() export class A { constructor(@Inject(forwardRef(() => B)) readonly b: B) {} }`,
      'src/b.ts': `import { Inject, Injectable, forwardRef } from '@nestjs/common'; import { A } from './a.js';
        @Injectable() export class B { constructor(@Inject(forwardRef(() => A)) readonly a: A) {} }`,
    });
    const { code } = await host.load(folder);
    const [A, B] = code.entry as [object, object];
    const injected = (type: object) =>
      Reflect.getMetadata('self:paramtypes', type) as [{ param: { forwardRef(): unknown } }];
    expect(injected(A)[0].param.forwardRef()).toBe(B);
    expect(injected(B)[0].param.forwardRef()).toBe(A);
  });

  it('is strict as ES modules are, unless a CommonJS file of it is not', async () => {
    const leak = 'export default function leak() { undeclaredByTest = 1; }';
    const strict = await host.write('strict', { 'src/index.js': leak }, { entry: './src/index.js' });
    expect((await host.load(strict)).code.entry).toThrow('undeclaredByTest is not defined');

    const sloppy = await host.write(
      'sloppy',
      {
        'src/index.js': `import { old } from './old.cjs'; export default old;`,
        'src/old.cjs': 'exports.old = function () { return arguments.callee.name + 010; };',
      },
      { entry: './src/index.js' },
    );
    const { entry } = (await host.load(sloppy)).code;
    expect((entry as () => string)()).toBe('8');
  });
});
