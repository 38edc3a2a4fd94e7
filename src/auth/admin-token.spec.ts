import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { AdminToken } from './admin-token.js';

describe('AdminToken', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'nestdock-auth-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it.each([
    ['Bearer correct-horse', true],
    ['bearer correct-horse', true],
    ['Bearer  correct-horse ', true],
    ['Bearer correct-hors', false],
    ['Bearer correct-horse-battery', false],
    ['Bearer CORRECT-HORSE', false],
    ['Bearer', false],
    ['Bearer ', false],
    ['Basic correct-horse', false],
    ['correct-horse', false],
    ['Bearercorrect-horse', false],
    ['', false],
    [undefined, false],
  ])('answers %p with %p', (header, accepted) => {
    expect(new AdminToken('correct-horse').accepts(header)).toBe(accepted);
  });

  it('takes the configured token and makes no file', async () => {
    const token = await AdminToken.resolve({ adminToken: 'from-the-environment', dataDir });
    expect(token.accepts('Bearer from-the-environment')).toBe(true);
    expect(token.file).toBeUndefined();
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('makes a token at the first start and keeps it for the next', async () => {
    const first = await AdminToken.resolve({ adminToken: undefined, dataDir });
    const file = join(dataDir, 'admin-token');
    expect(first.file).toBe(file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const header = `Bearer ${(await readFile(file, 'utf8')).trim()}`;
    expect(first.accepts(header)).toBe(true);
    expect((await AdminToken.resolve({ adminToken: undefined, dataDir })).accepts(header)).toBe(true);
  });

  it('does not show what it is', () => {
    const token = new AdminToken('correct-horse', '/data/admin-token');
    expect(JSON.stringify(token) + inspect(token, { showHidden: true, depth: 9 })).not.toContain('correct-horse');
  });
});
