import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MAX_MANIFEST_SIZE, readManifest } from './read-manifest.js';
import { requireManifest } from './require-manifest.js';

const BASE = { name: 'hello', version: '1.0.0', displayName: 'H', description: '', author: 'N' };

describe('readManifest', () => {
  let root: string;
  let folder: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'nestdock-manifest-'));
    folder = join(root, 'hello');
    await mkdir(folder);
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  const put = async (path: string, content: string | Buffer = ''): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  };
  const putManifest = (changes: object = {}) => put('manifest.json', JSON.stringify({ ...BASE, ...changes }));
  const codes = async () => (await readManifest(folder)).problems.map(({ code, pointer }) => [code, pointer]);

  test('reads a valid one', async () => {
    await putManifest();
    expect(await readManifest(folder)).toEqual({ manifest: BASE, raw: BASE, name: 'hello', problems: [] });
    expect(requireManifest(await readManifest(folder))).toEqual(BASE);
  });

  test('names the file, the line and the column', async () => {
    await put('manifest.json', JSON.stringify({ ...BASE, naem: 1 }, null, 2));
    expect((await readManifest(folder)).problems).toEqual([
      {
        code: 'MANIFEST_UNKNOWN_KEY',
        message: 'the manifest: the key `naem` means nothing here',
        hint: 'did you mean `name`?',
        pointer: '/naem',
        file: 'manifest.json',
        line: 7,
        column: 3,
      },
    ]);
  });

  describe('a file that cannot be a manifest', () => {
    test('missing, with its folder or without', async () => {
      expect(await codes()).toEqual([['MANIFEST_MISSING', undefined]]);
      await rm(folder, { recursive: true });
      expect(await codes()).toEqual([['MANIFEST_MISSING', undefined]]);
    });

    test('a folder', async () => {
      await mkdir(join(folder, 'manifest.json'));
      expect(await codes()).toEqual([['MANIFEST_NOT_A_FILE', undefined]]);
    });

    test('a named pipe that nobody writes to', async () => {
      execFileSync('mkfifo', [join(folder, 'manifest.json')]);
      expect(await codes()).toEqual([['MANIFEST_NOT_A_FILE', undefined]]);
    });

    test('a link that leaves the folder', async () => {
      await writeFile(join(root, 'manifest.json'), JSON.stringify(BASE));
      await symlink('../manifest.json', join(folder, 'manifest.json'));
      expect(await codes()).toEqual([['MANIFEST_PATH_OUTSIDE', undefined]]);
    });

    test('a link to itself', async () => {
      await symlink('manifest.json', join(folder, 'manifest.json'));
      expect(await codes()).toEqual([['MANIFEST_UNREADABLE', undefined]]);
    });

    test('2 MB, though valid', async () => {
      await put('manifest.json', JSON.stringify(BASE).padEnd(2 * MAX_MANIFEST_SIZE));
      expect(await codes()).toEqual([['MANIFEST_TOO_LARGE', undefined]]);
      await put('manifest.json', JSON.stringify(BASE).padEnd(MAX_MANIFEST_SIZE));
      expect(await codes()).toEqual([]);
    });

    test.each([
      ['bytes', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
      ['UTF-16', Buffer.from(`\uFEFF${JSON.stringify(BASE)}`, 'utf16le')],
    ])('%s that are not UTF-8', async (_case, bytes) => {
      await put('manifest.json', bytes);
      expect(await codes()).toEqual([['MANIFEST_ENCODING', undefined]]);
    });

    test('brackets without end', async () => {
      await put('manifest.json', '['.repeat(200_000));
      expect(await codes()).toEqual([['MANIFEST_TOO_DEEP', undefined]]);
    });
  });

  test('a link within the folder, and a byte order mark, are fine', async () => {
    await put('config/manifest.json', `\uFEFF${JSON.stringify(BASE)}`);
    await symlink('config/manifest.json', join(folder, 'manifest.json'));
    expect(await codes()).toEqual([]);
  });

  describe('the files that it names', () => {
    beforeEach(async () => {
      await put('src/index.ts');
      await put('src/notes.txt');
      await put('dist/ui/index.js');
      await put('src/migrations/001_create.sql', 'SELECT 1');
      await writeFile(join(root, 'outside.ts'), 'secret');
      await symlink('../../outside.ts', join(folder, 'src/linked.ts'));
      await symlink('../..', join(folder, 'src/up'));
      execFileSync('mkfifo', [join(folder, 'src/pipe.ts')]);
    });

    const handler = (path: string) => ({ routes: [{ method: 'GET', path: '/', handler: path }] });

    test('all there', async () => {
      await putManifest({
        entry: './src/index.ts',
        migrations: './src/migrations',
        ui: { entry: './dist/ui/index.js' },
        ...handler('./src/index.ts#list'),
      });
      expect(await codes()).toEqual([]);
    });

    test.each<[object, string, string]>([
      [{ entry: './src/gone.ts' }, 'MANIFEST_FILE_MISSING', '/entry'],
      [{ entry: './src' }, 'MANIFEST_FILE_KIND', '/entry'],
      [{ entry: './src/notes.txt' }, 'MANIFEST_FILE_EXTENSION', '/entry'],
      [{ entry: './src/pipe.ts' }, 'MANIFEST_FILE_KIND', '/entry'],
      [{ entry: './src/linked.ts' }, 'MANIFEST_PATH_OUTSIDE', '/entry'],
      [{ entry: './src/index.ts/x.ts' }, 'MANIFEST_FILE_MISSING', '/entry'],
      [handler('./src/up/outside.ts#x'), 'MANIFEST_PATH_OUTSIDE', '/routes/0/handler'],
      [handler('../outside.ts'), 'MANIFEST_PATH_OUTSIDE', '/routes/0/handler'],
      [{ jobs: { a: { handler: './src/gone.ts#x' } } }, 'MANIFEST_FILE_MISSING', '/jobs/a/handler'],
      [{ migrations: './src/index.ts' }, 'MANIFEST_FILE_KIND', '/migrations'],
      [{ migrations: './migrations' }, 'MANIFEST_FILE_MISSING', '/migrations'],
      [{ migrations: './src/up' }, 'MANIFEST_PATH_OUTSIDE', '/migrations'],
      [{ ui: { entry: './dist/ui' } }, 'MANIFEST_FILE_KIND', '/ui/entry'],
    ])('%j: %s', async (changes, code, pointer) => {
      await putManifest(changes);
      expect(await codes()).toEqual([[code, pointer]]);
    });

    test.each([
      ['./src/index.js', 'did you mean `./src/index.ts`?'],
      ['./src/index', 'did you mean `./src/index.ts`?'],
      ['./src/indx.ts', 'did you mean `./src/index.ts`?'],
      ['./src/other.ts', undefined],
      ['./nowhere/index.ts', undefined],
    ])('for %s the hint is %s', async (entry, hint) => {
      await putManifest({ entry });
      const [problem] = (await readManifest(folder)).problems;
      expect([problem?.code, problem?.hint]).toEqual(['MANIFEST_FILE_MISSING', hint]);
    });
  });

  test('an invalid one is an error with all its problems', async () => {
    await putManifest({ author: 1, license: 2 });
    const reading = await readManifest(folder);
    expect(() => requireManifest(reading)).toThrow(
      expect.objectContaining({
        code: 'MANIFEST_INVALID',
        status: 422,
        message: '`author` must be a string, and 1 more problem',
        problems: reading.problems,
      }),
    );
  });
});
