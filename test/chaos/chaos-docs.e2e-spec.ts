import { expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FAULTS } from './faults.js';

const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'isolation.md');

it('the table in docs/isolation.md lists every fault, and none that there is not', async () => {
  const page = await readFile(PAGE, 'utf8');
  const rows = page.split('\n').filter((line) => /^\| (?!a module|-)/.test(line));
  const listed = rows.map((line) => line.split('|')[1]?.trim());
  expect(listed).toEqual(FAULTS.map(({ title }) => title));
});
