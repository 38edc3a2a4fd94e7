import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { BundlingHost } from '../../test/support/bundling-host.js';

let host: BundlingHost;
beforeAll(async () => {
  host = await BundlingHost.start({ LOAD_TIMEOUT_MS: '1000' });
});
afterAll(() => host.stop());

const route = (handler: string) => ({ routes: [{ method: 'GET', path: '/', handler }] });

describe('code that cannot be compiled', () => {
  it.each([
    ['a syntax error', 'export default 1;\nconst x = ;', { code: 'SYNTAX_ERROR', line: 2, column: 11 }],
    [
      'an await at the top level',
      'export default 1;\n await Promise.resolve();',
      { code: 'TOP_LEVEL_AWAIT', line: 2, column: 2 },
    ],
    [
      'an import of what is not exported',
      `import { valu } from './other.js';\nexport default valu;`,
      { code: 'EXPORT_NOT_FOUND', line: 1, column: 10, message: '"valu" is not exported by "src/other.ts".' },
    ],
  ])('has a problem for %s, at its place', async (_what, source, problem) => {
    const folder = await host.write('uncompilable', {
      'src/index.ts': source,
      'src/other.ts': 'export const value = 1;',
    });
    await expect(host.builder.build(folder)).rejects.toMatchObject({
      code: 'BUNDLE_FAILED',
      problems: [{ file: 'src/index.ts', ...problem }],
    });
  });

  it('has no problem with a type that only metadata mentions', async () => {
    const folder = await host.write('typed', {
      'src/index.ts': `import { Dto, value } from './other.js';
        const decorate = (..._: unknown[]): void => undefined;
        export default class C { @decorate as(dto: Dto, other: Other) { return value; } }
        import { Dto as Other } from './other.js';`,
      'src/other.ts': 'export interface Dto { a: 1 }; export const value = 1;',
    });
    const { code } = await host.load(folder);
    const { prototype } = code.entry as { prototype: object };
    expect(Reflect.getMetadata('design:paramtypes', prototype, 'as')).toEqual([Object, Object]);
  });

  it('names a manifest that is not valid, and a folder that is gone', async () => {
    const folder = await host.write('Bad Name', { 'src/index.ts': '' });
    await expect(host.builder.build(folder)).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
    await expect(host.builder.build(host.folder('gone'))).rejects.toMatchObject({ code: 'MODULE_FOLDER_MISSING' });
  });
});

describe('code that cannot be run', () => {
  it('fails with the author’s line where it throws', async () => {
    const folder = await host.write('throwing', {
      'src/index.ts': `interface Gone {}\nimport { fail } from './fail.js';\nfail('now');\nexport default 1;`,
      'src/fail.ts': `type Also = 'gone';\n\nexport function fail(why: string): never {\n  throw new TypeError(why);\n}`,
    });
    const error = await host.load(folder).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({
      code: 'MODULE_EVALUATION_FAILED',
      message: 'The code of throwing threw while it was being loaded: now',
    });
    const stack = ((error as Error).cause as Error).stack ?? '';
    expect(stack.split('\n').slice(0, 3)).toEqual([
      'TypeError: now',
      `    at fail (${join(folder, 'src/fail.ts')}:4:9)`,
      expect.stringContaining(`${join(folder, 'src/index.ts')}:3:1`),
    ]);
  });

  it('is ended where it loops for ever', async () => {
    const folder = await host.write('looping', { 'src/index.ts': 'for (;;) {}\nexport default 1;' });
    await expect(host.load(folder)).rejects.toMatchObject({ code: 'LOAD_TIMEOUT', extensions: { step: 'code' } });
  });

  it('says that a package awaits at its top level, where Node does', async () => {
    const folder = await host.write('awaiting', {
      'src/index.ts': `throw Object.assign(new Error('of Node'), { code: 'ERR_REQUIRE_ASYNC_MODULE' });`,
    });
    await expect(host.load(folder)).rejects.toMatchObject({ code: 'ASYNC_PACKAGE', cause: { message: 'of Node' } });
  });

  it('says that the host’s package has no such part', async () => {
    const folder = await host.write('partial', {
      'src/index.ts': `import { x } from '@nestjs/common/no/such.js'; export default () => x;`,
    });
    await expect(host.load(folder)).rejects.toMatchObject({
      code: 'HOST_PACKAGE_UNAVAILABLE',
      message: 'The host cannot import "@nestjs/common/no/such.js".',
    });
  });

  it('must export its entry as default', async () => {
    const folder = await host.write('undefaulted', { 'src/index.ts': 'export const x = 1;' });
    await expect(host.load(folder)).rejects.toMatchObject({
      code: 'ENTRY_NOT_EXPORTED',
      problems: [{ file: 'manifest.json', pointer: '/entry' }],
    });
  });
});

describe('handlers', () => {
  const files = {
    'src/index.ts': 'export const greet = () => "entry";',
    'src/sole.ts': 'export const limit = 3; export async function sole() { return "sole"; }',
    'src/default.ts': 'export const other = () => 1; export default () => "default";',
    'src/two.ts': 'export function first() {} export function second() {} export const third = 3;',
  };

  it('are found by file and export, by file, and by export of the entry', async () => {
    const folder = await host.write('handled', files, {
      entry: './src/index.ts',
      routes: ['greet', './src/sole.ts', './src/default.ts', './src/two.ts#second'].map((handler, index) => ({
        method: 'GET',
        path: `/${index}`,
        handler,
      })),
      jobs: { one: { handler: './src/sole.ts#sole' } },
    });
    const { code } = await host.load(folder);
    expect(code.entry).toBeUndefined();
    expect(code.handler('greet')()).toBe('entry');
    await expect(code.handler('./src/sole.ts')()).resolves.toBe('sole');
    expect(code.handler('./src/sole.ts#sole')).toBe(code.handler('./src/sole.ts'));
    expect(code.handler('./src/default.ts')()).toBe('default');
    expect(code.handler('./src/two.ts#second').name).toBe('second');
    expect(() => code.handler('./src/two.ts#first')).toThrow('names no handler');
  });

  it.each([
    [
      './src/two.ts#secnd',
      'HANDLER_NOT_FOUND',
      './src/two.ts does not export "secnd"; its functions are: "first", "second"',
      'did you mean `second`?',
    ],
    ['./src/two.ts#third', 'HANDLER_NOT_A_FUNCTION', '"third" of ./src/two.ts is number, not a function', undefined],
    [
      './src/two.ts',
      'HANDLER_AMBIGUOUS',
      './src/two.ts exports "first", "second", none of them as default',
      'Say which, as in "./src/two.ts#first".',
    ],
    [
      './src/two.ts#toString',
      'HANDLER_NOT_FOUND',
      './src/two.ts does not export "toString"; its functions are: "first", "second"',
      undefined,
    ],
  ])('have a problem for %s', async (handler, code, message, hint) => {
    const folder = await host.write('unhandled', files, { entry: './src/index.ts', ...route(handler) });
    const error: unknown = await host.load(folder).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'HANDLER_NOT_FOUND', message });
    expect((error as { problems: unknown }).problems).toEqual([
      { code, message, ...(hint && { hint }), file: 'manifest.json', pointer: '/routes/0/handler' },
    ]);
  });
});
