/** `node --import ./scripts/typescript-loader.js`: runs TypeScript as it is, compiled with the options of `.swcrc`. */
import { readFile } from 'node:fs/promises';
import { isMainThread } from 'node:worker_threads';
import { register } from 'node:module';
import { fileURLToPath, URL } from 'node:url';
import { transform } from '@swc/core';

// Node runs the hooks below in a thread of their own, from this same file.
if (isMainThread) register(import.meta.url);

const SWCRC = fileURLToPath(new URL('../.swcrc', import.meta.url));
const { exclude: _exclude, $schema: _schema, ...options } = JSON.parse(await readFile(SWCRC, 'utf8'));

/** In TypeScript, './x.js' names what './x.ts' will be compiled to. */
export async function resolve(specifier, context, nextResolve) {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !/^\.{1,2}\/.*\.js$/.test(specifier)) throw error;
    return nextResolve(specifier.replace(/\.js$/, '.ts'), context);
  }
}

export async function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, 'utf8'), {
    ...options,
    swcrc: false,
    filename,
    sourceMaps: 'inline',
  });
  return { format: 'module', source: code, shortCircuit: true };
}
