import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, symlink, truncate, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BundlingHost, writeContent } from '../../../test/support/bundling-host.js';
import { type Release } from '../../kernel/index.js';
import { BundleCache } from './bundle-cache.js';

/** Longer than a file system's clock takes to tick (ms), so that what was written lies in the past. */
const SETTLED_MS = 40;

describe('building again', () => {
  let host: BundlingHost;
  let folder: string;
  let first: Release;
  beforeEach(async () => {
    host = await BundlingHost.start();
    folder = await host.write('cached', {
      'src/index.ts': `import { word } from './word.js'; import { other } from 'other'; export default () => word + other;`,
      'src/word.ts': `export const word = 'one';`,
      'node_modules/other/package.json': { main: 'a.js' },
      'node_modules/other/a.js': `exports.other = 'a';`,
      'node_modules/other/b.js': `exports.other = 'b';`,
    });
    await sleep(SETTLED_MS);
    first = await host.builder.build(folder);
  });
  afterEach(() => host.stop());

  const entryFile = async () => {
    const [name, ...others] = await readdir(join(host.root, 'data/bundles'));
    expect(others).toEqual([]);
    return join(host.root, 'data/bundles', name ?? '');
  };

  /** Writes another bundle into the entry, so that a build that comes from the cache shows. */
  async function markEntry(): Promise<void> {
    const body = (await readFile(await entryFile(), 'utf8')).replace(/^.*\n/, '');
    const entry = JSON.parse(body) as { bundle: { code: string } };
    entry.bundle.code = 'cached';
    const marked = JSON.stringify(entry);
    await writeFile(await entryFile(), `${createHash('sha256').update(marked).digest('hex')}\n${marked}`);
  }
  const isFromCache = async () => (await host.builder.build(folder)).bundle.code === 'cached';

  it('takes the bundle from the cache, the same in everything', async () => {
    await expect(host.builder.build(folder)).resolves.toEqual(first);
    await markEntry();
    await expect(isFromCache()).resolves.toBe(true);
  });

  it('does so too where files were only touched', async () => {
    await markEntry();
    const now = new Date();
    await utimes(join(folder, 'src/word.ts'), now, now);
    await expect(isFromCache()).resolves.toBe(true);
  });

  it.each([
    ['a source changes', async () => writeFile(join(folder, 'src/word.ts'), `export const word = 'two';`)],
    [
      'a source changes in size and times unseen',
      async () => {
        const file = join(folder, 'src/word.ts');
        const then = new Date(Date.now() - 10_000);
        await writeFile(file, `export const word = 'two';`);
        await utimes(file, then, then);
      },
    ],
    ['a source that was imported goes', async () => unlink(join(folder, 'node_modules/other/a.js'))],
    ['a file comes that shadows another', async () => writeFile(join(folder, 'src/word.js'), `exports.word = 'js'`)],
    [
      'a package names another main file',
      async () => writeContent(join(folder, 'node_modules/other/package.json'), { main: 'b.js' }),
    ],
    ['a tsconfig comes', async () => writeContent(join(folder, 'tsconfig.json'), { compilerOptions: {} })],
    [
      'the manifest names another file',
      async () => host.write('cached', {}, { entry: './src/index.ts', jobs: { a: { handler: './src/word.ts#word' } } }),
    ],
    [
      'a package is installed further up',
      async () => writeContent(join(host.root, 'modules/node_modules/other/package.json'), {}),
    ],
    ['the entry is cut short', async () => truncate(await entryFile(), 500)],
    ['the entry is empty', async () => truncate(await entryFile(), 0)],
  ])('compiles anew where %s', async (_what, change) => {
    await markEntry();
    await change();
    const rebuilt = host.builder.build(folder).then(
      ({ bundle }) => bundle.code,
      () => 'failed to compile',
    );
    await expect(rebuilt).resolves.not.toBe('cached');
  });

  it('does not trust the times of what has changed just now', async () => {
    await writeFile(join(folder, 'src/word.ts'), `export const word = 'two';`);
    await host.builder.build(folder);
    await writeFile(join(folder, 'src/word.ts'), `export const word = 'six';`);
    const { bundle } = await host.builder.build(folder);
    expect(bundle.code).toContain('six');
  });

  it('gives another digest with another manifest, and the same with its keys in another order', async () => {
    await host.write('cached', {}, { entry: './src/index.ts', license: 'MIT' });
    const licensed = await host.builder.build(folder);
    expect(licensed.digest).not.toBe(first.digest);
    expect(licensed.bundle.hash).toBe(first.bundle.hash);
    await host.write('cached', {}, { license: 'MIT', entry: './src/index.ts' });
    expect((await host.builder.build(folder)).digest).toBe(licensed.digest);
  });

  it('has one entry for a folder, by whichever link it is reached', async () => {
    await symlink(folder, join(host.root, 'modules/alias'));
    await expect(host.builder.build(join(host.root, 'modules/alias'))).resolves.toEqual(first);
    await entryFile();
  });
});

describe('the cache', () => {
  it('keeps the latest entries, and nothing unfinished', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'nestdock-cache-'));
    const cache = new BundleCache({ dataDir });
    const bundle = { hash: '', code: '', map: '', externals: [] };
    const folders = ['/a', '/b', '/c'];
    for (const folder of folders) {
      await cache.store({ folder, fingerprint: 'same' }, { bundle, inputs: [] });
      await sleep(10);
    }
    const long = new Date(Date.now() - 3_600_000);
    await writeFile(join(dataDir, 'bundles/x.bundle.1.tmp'), '');
    await utimes(join(dataDir, 'bundles/x.bundle.1.tmp'), long, long);
    await writeFile(join(dataDir, 'bundles/y.bundle.2.tmp'), 'being written');

    await cache.prune(2);
    const found = await Promise.all(folders.map((folder) => cache.find({ folder, fingerprint: 'same' })));
    expect(found).toEqual([undefined, bundle, bundle]);
    expect((await readdir(join(dataDir, 'bundles'))).filter((name) => name.endsWith('.tmp'))).toEqual([
      'y.bundle.2.tmp',
    ]);
    await rm(dataDir, { recursive: true });
  });
});
