import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { copyFile, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BundlingHost, writeContent } from '../../test/support/bundling-host.js';

let host: BundlingHost;
beforeAll(async () => {
  host = await BundlingHost.start();
});
afterAll(() => host.stop());

/** What the compiler says is wrong, as `place code`. */
async function problemsOf(folder: string): Promise<unknown> {
  const error: unknown = await host.builder.build(folder).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'BUNDLE_FAILED' });
  const { problems } = error as { problems: { file?: string; line?: number; column?: number; code: string }[] };
  return problems.map(({ file, line, column, code }) => `${[file, line, column].filter(Boolean).join(':')} ${code}`);
}

describe('packages of a module', () => {
  it('come from its own folder and from MODULES_DIR, CommonJS and ESM-only', async () => {
    const folder = await host.write('packaged', {
      'src/index.ts': `
        import cjs, { named } from 'cjs-package';
        import esm, { where } from 'esm-only';
        import { shared } from '@shared/package/sub';
        export default { cjs, named, esm, where, shared };`,
      'node_modules/cjs-package/package.json': { name: 'cjs-package', main: 'lib/index.js' },
      'node_modules/cjs-package/lib/index.js': `
        let optional = 'absent'; try { optional = require('not-installed') } catch (error) { optional = error.code }
        module.exports = { optional, dir: __dirname, named: require('node:path').sep, os: typeof require('os').cpus };`,
      'node_modules/esm-only/package.json': { name: 'esm-only', type: 'module', exports: './index.js' },
      'node_modules/esm-only/index.js': 'export default class Esm {}; export const where = import.meta.dirname;',
    });
    await writeContent(join(host.root, 'modules/node_modules/@shared/package/package.json'), {
      exports: { './sub': './sub.cjs' },
    });
    await writeContent(join(host.root, 'modules/node_modules/@shared/package/sub.cjs'), 'exports.shared = 1;');

    const { code } = await host.load(folder);
    expect(code.entry).toEqual({
      cjs: {
        optional: 'MODULE_NOT_FOUND',
        dir: join(folder, 'node_modules/cjs-package/lib'),
        named: '/',
        os: 'function',
      },
      named: '/',
      esm: expect.any(Function),
      where: join(folder, 'node_modules/esm-only'),
      shared: 1,
    });
  });

  it('may be of @nestjs where the host does not have them, and share the rest of Nest', async () => {
    const folder = await host.write('nested', {
      'src/index.ts': `import { Injectable } from '@nestjs/common'; import { inner } from '@nestjs/axios'; export default [inner, Injectable];`,
      'node_modules/@nestjs/axios/package.json': { main: 'index.js' },
      'node_modules/@nestjs/axios/index.js': `exports.inner = require('@nestjs/common').Injectable;`,
    });
    const { code, release } = await host.load(folder);
    const [inner, Injectable] = code.entry as unknown[];
    expect(inner).toBe(Injectable);
    expect(release.bundle.externals).toEqual(['@nestjs/common']);
  });

  it('may be native addons', async () => {
    const folder = await host.write('native', {
      'src/index.ts': `import { addon } from 'with-addon'; export default typeof addon;`,
      'node_modules/with-addon/package.json': { main: 'index.js' },
      'node_modules/with-addon/index.js': `
        const direct = require('./addon.node');
        const byName = require(require('path').join(__dirname, 'addon' + '.node'));
        exports.addon = direct === byName && byName;`,
    });
    await copyAddon(join(folder, 'node_modules/with-addon/addon.node'));
    const { code } = await host.load(folder);
    expect(code.entry).toBe('object');
  });

  it('are named where they are missing, with all that is missing', async () => {
    const folder = await host.write('missing', {
      'src/index.ts': `import './near.js';\nimport { x } from 'absent';\n  import "@scope/absent/sub";\nexport * from './nowhere.js';\nexport default () => x;`,
      'src/near.ts': `const a = 1;\nexport const b = () => import('absent-too');\nrequire('./absent.cjs');`,
    });
    await expect(problemsOf(folder)).resolves.toEqual([
      'src/index.ts:2:19 PACKAGE_NOT_FOUND',
      'src/index.ts:3:10 PACKAGE_NOT_FOUND',
      'src/index.ts:4:15 FILE_NOT_FOUND',
      'src/near.ts:2:31 PACKAGE_NOT_FOUND',
      'src/near.ts:3:9 IMPORT_NOT_FOUND',
    ]);
  });

  it('are not those above MODULES_DIR', async () => {
    await writeContent(join(host.root, 'node_modules/above/package.json'), { main: 'index.js' });
    await writeContent(join(host.root, 'node_modules/above/index.js'), 'exports.above = 1;');
    const folder = await host.write('reaching', {
      'src/index.ts': `import { above } from 'above'; export default above;`,
    });
    const error: unknown = await host.builder.build(folder).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'BUNDLE_FAILED',
      message: 'src/index.ts:1:23: package "above" is not installed',
      problems: [{ code: 'PACKAGE_NOT_FOUND', hint: "Run `npm install above` in the module's folder." }],
    });
  });
});

describe('files of a module', () => {
  it('stay inside its folder', async () => {
    await writeContent(join(host.root, 'modules/secret.json'), { secret: 1 });
    await writeContent(join(host.root, 'linked/index.js'), 'exports.x = 1');
    const folder = await host.write('leaving', {
      'src/index.ts': `import '../../secret.json';\nimport './link.js';\nimport 'linked';\nexport default 1;`,
      'node_modules/own/package.json': {},
    });
    await writeFile(join(host.root, 'outside.js'), 'export {}');
    await symlink(join(host.root, 'outside.js'), join(folder, 'src/link.js'));
    await symlink(join(host.root, 'linked'), join(folder, 'node_modules/linked'));
    await expect(problemsOf(folder)).resolves.toEqual([
      'src/index.ts:1:8 IMPORT_OUTSIDE_MODULE',
      'src/index.ts:2:8 IMPORT_OUTSIDE_MODULE',
      'src/index.ts:3:8 IMPORT_OUTSIDE_MODULE',
    ]);
  });

  it('are not reached by a name made when the code runs', async () => {
    const folder = await host.write(
      'dynamic',
      {
        'src/index.cjs': `const name = ['..', '..', '..', 'escaped.cjs'].join('/'); module.exports = require(__dirname + '/' + name);`,
      },
      { entry: './src/index.cjs' },
    );
    await writeContent(join(host.root, 'escaped.cjs'), 'module.exports = 1;');
    await expect(host.load(folder)).rejects.toMatchObject({
      code: 'MODULE_EVALUATION_FAILED',
      cause: { code: 'MODULE_NOT_FOUND' },
    });
  });
});

/** Takes an addon that is there in any case: one of the compiler's. */
async function copyAddon(target: string): Promise<void> {
  const scope = join(import.meta.dirname, '../../node_modules/@napi-rs');
  const [name] = (await readdir(scope)).filter((entry) => entry.startsWith('nice-'));
  const [addon] = (await readdir(join(scope, name ?? ''))).filter((entry) => entry.endsWith('.node'));
  await mkdir(dirname(target), { recursive: true });
  await copyFile(join(scope, name ?? '', addon ?? ''), target);
}
