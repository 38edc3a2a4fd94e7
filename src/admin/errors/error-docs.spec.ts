import { describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ERROR_CATALOGUE } from '../../common/errors/catalogue.js';
import { MANIFEST_PROBLEM_CATALOGUE } from '../../manifest/index.js';
import { renderErrorDocs } from './error-docs.js';

const readDocs = (): Promise<string> => readFile(join(import.meta.dirname, '../../../docs/errors.md'), 'utf8');

describe('docs/errors.md', () => {
  it('names every code of the catalogues, and no other', async () => {
    const documented = [...(await readDocs()).matchAll(/<\/a>`?([A-Z_]+)/g)].map(([, code]) => code);
    const codes = [...Object.keys(ERROR_CATALOGUE), ...Object.keys(MANIFEST_PROBLEM_CATALOGUE)];
    expect(documented.sort()).toEqual(codes.sort());
  });

  it('is what `npm run docs:errors` writes now', async () => {
    expect(await readDocs()).toBe(renderErrorDocs());
  });

  it.each(Object.entries(ERROR_CATALOGUE))('%s has a status, a title and a remedy to show', (_code, entry) => {
    expect(entry.status).toBeGreaterThanOrEqual(400);
    expect(entry.status).toBeLessThan(600);
    expect(entry.title).toMatch(/^[^.\n]+$/);
    expect(entry.remedy).toMatch(/^[^\n]+[.?]$/);
  });
});
