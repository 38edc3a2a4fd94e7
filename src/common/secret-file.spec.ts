import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOrCreateSecretFile } from './secret-file.js';

describe('readOrCreateSecretFile', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nestdock-secret-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('makes a secret that only the owner can read, in a folder that it makes too', async () => {
    const file = join(folder, 'data', 'secret');
    const { secret, created } = await readOrCreateSecretFile(file);
    expect(created).toBe(true);
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect((await readFile(file, 'utf8')).trim()).toBe(secret);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'data'))).toEqual(['secret']);
  });

  it('keeps the secret it finds', async () => {
    const file = join(folder, 'secret');
    const { secret } = await readOrCreateSecretFile(file);
    expect(await readOrCreateSecretFile(file)).toEqual({ secret, created: false });
  });

  it('gives callers at the same time one secret, made by one of them', async () => {
    const file = join(folder, 'secret');
    const answers = await Promise.all(Array.from({ length: 20 }, () => readOrCreateSecretFile(file)));
    expect(new Set(answers.map(({ secret }) => secret)).size).toBe(1);
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['secret']);
  });

  it.each([
    ['empty', ''],
    ['blank', ' \n'],
    ['cut off', 'abc'],
    ['more than one word', 'a secret of several words'],
  ])('refuses a file that is %s', async (_what, text) => {
    const file = join(folder, 'secret');
    await writeFile(file, text);
    await expect(readOrCreateSecretFile(file)).rejects.toMatchObject({ code: 'SECRET_FILE_INVALID' });
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  it('refuses what is no file', async () => {
    await expect(readOrCreateSecretFile(folder)).rejects.toMatchObject({ code: 'SECRET_FILE_INVALID' });
  });
});
