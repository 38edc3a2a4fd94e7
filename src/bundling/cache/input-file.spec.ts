import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderInput, readInput, readOptionalInput, unchangedInput } from './input-file.js';

describe('an input of a bundle', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nestdock-input-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** As if it had changed within the present tick of the file system's clock. */
  const ahead = new Date(Date.now() + 60_000);

  it('is not trusted by its times where it may have changed since, but by its content', async () => {
    const path = join(folder, 'recent.ts');
    await writeFile(path, 'one');
    await utimes(path, ahead, ahead);
    const { input } = await readInput(path);
    expect(input.stamp).toMatch(/^unsettled:/);
    await expect(unchangedInput(input)).resolves.toEqual(input);
    await expect(unchangedInput({ ...input, hash: 'another' })).resolves.toBeUndefined();
  });

  it('has changed, for all we know, where it is a folder that may have changed since', async () => {
    await utimes(folder, ahead, ahead);
    await expect(unchangedInput(await folderInput(folder))).resolves.toBeUndefined();
    const past = new Date(Date.now() - 60_000);
    await utimes(folder, past, past);
  });

  it('may be that there is nothing', async () => {
    const path = join(folder, 'absent.json');
    const { text, input } = await readOptionalInput(path);
    expect(text).toBeUndefined();
    await expect(unchangedInput(input)).resolves.toEqual(input);
    await writeFile(path, '{}');
    await expect(unchangedInput(input)).resolves.toBeUndefined();
  });

  it('is read without its byte order mark', async () => {
    const path = join(folder, 'marked.json');
    await writeFile(path, '\uFEFF{}');
    expect((await readInput(path)).text).toBe('{}');
  });
});
