import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isWithin, resolveInside } from './resolve-inside.js';

describe('resolveInside', () => {
  let root: string;
  let folder: string;

  beforeAll(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'nestdock-inside-')));
    folder = join(root, 'module');
    await mkdir(join(folder, 'src'), { recursive: true });
    await mkdir(join(root, 'module-two'));
    await writeFile(join(folder, 'src/a.ts'), '');
    await writeFile(join(folder, '..b.ts'), '');
    await writeFile(join(root, 'secret.ts'), '');
    await symlink('src/a.ts', join(folder, 'inner.ts'));
    await symlink('../secret.ts', join(folder, 'outer.ts'));
    await symlink('..', join(folder, 'up'));
    await symlink('loop', join(folder, 'loop'));
    await symlink(folder, join(root, 'linked'));
  });

  afterAll(() => rm(root, { recursive: true, force: true }));

  test.each([
    ['src/a.ts', 'src/a.ts'],
    ['./src/../src/a.ts', 'src/a.ts'],
    ['..b.ts', '..b.ts'],
    ['inner.ts', 'src/a.ts'],
    ['.', ''],
  ])('%s is inside', async (path, real) => {
    expect(await resolveInside(folder, path)).toEqual({ outcome: 'inside', path: join(folder, real) });
  });

  test.each(['../secret.ts', 'src/../../secret.ts', '/etc/passwd', '../module-two', 'outer.ts', 'up', 'up/secret.ts'])(
    '%s is outside',
    async (path) => {
      expect(await resolveInside(folder, path)).toEqual({ outcome: 'outside' });
    },
  );

  test.each(['nothing.ts', 'src/a.ts/b', 'a\0b'])('%j is missing', async (path) => {
    expect(await resolveInside(folder, path)).toEqual({ outcome: 'missing' });
  });

  test('a loop of links is unreadable', async () => {
    expect(await resolveInside(folder, 'loop')).toMatchObject({ outcome: 'unreadable', cause: { code: 'ELOOP' } });
  });

  test('a folder that is a link itself has its files inside', async () => {
    expect(await resolveInside(join(root, 'linked'), 'src/a.ts')).toEqual({
      outcome: 'inside',
      path: join(folder, 'src/a.ts'),
    });
  });
});

describe('isWithin', () => {
  test.each([
    ['/a', '/a', true],
    ['/a', '/a/b', true],
    ['/a', '/a/..b', true],
    ['/a', '/ab', false],
    ['/a', '/', false],
    ['/', '/a', true],
  ])('%s has %s: %s', (folder, path, expected) => {
    expect(isWithin(folder, path)).toBe(expected);
  });
});
