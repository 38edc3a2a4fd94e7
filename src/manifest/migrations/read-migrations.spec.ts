import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readManifest } from '../read-manifest.js';
import { readMigrations } from './read-migrations.js';

describe('readMigrations', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nestdock-migrations-'));
    await mkdir(join(folder, 'db'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const put = (name: string, content: string | Buffer = 'SELECT 1;') => writeFile(join(folder, 'db', name), content);
  const read = () => readMigrations(folder, './db');
  const flaws = async () =>
    (await read()).flaws.map(({ code, file, line }) => [code, file, line].filter((part) => part !== undefined));

  it('finds SQL and classes in one order', async () => {
    for (const name of ['010_b.sql', '002_a.ts', '1767225600000_late.js', '009_z.sql', '010_b.down.sql'])
      await put(name);
    for (const name of ['.gitkeep', 'README.md', '002_a.spec.ts']) await put(name, 'anything');
    const { migrations, flaws: none } = await read();
    expect(none).toEqual([]);
    expect(migrations.map(({ name, kind, file }) => [name, kind, file])).toEqual([
      ['002_a', 'code', 'db/002_a.ts'],
      ['009_z', 'sql', 'db/009_z.sql'],
      ['010_b', 'sql', 'db/010_b.sql'],
      ['1767225600000_late', 'code', 'db/1767225600000_late.js'],
    ]);
    expect(migrations[2]).toMatchObject({
      down: { file: 'db/010_b.down.sql', text: 'SELECT 1;', transactional: true },
    });
    expect(migrations[1]).not.toHaveProperty('down');
  });

  it('knows a text by its content, not by its line ends', async () => {
    await put('001_unix.sql', 'SELECT 1;\nSELECT 2;\n');
    await put('002_windows.sql', '\uFEFFSELECT 1;\r\nSELECT 2;\r\n');
    await put('003_other.sql', 'SELECT 1;\n\nSELECT 2;\n');
    const [unix, windows, other] = (await read()).migrations.map(({ checksum }) => checksum);
    expect(unix).toMatch(/^[0-9a-f]{64}$/);
    expect(windows).toBe(unix);
    expect(other).not.toBe(unix);
  });

  it('reads the mark on the first line', async () => {
    await put('001_a.sql', '-- nestdock: no-transaction\nCREATE INDEX CONCURRENTLY a ON b (c);');
    await put('001_a.down.sql', '--Nestdock:no-transaction\nDROP INDEX CONCURRENTLY a');
    expect(await read()).toMatchObject({
      migrations: [{ up: { transactional: false }, down: { transactional: false } }],
      flaws: [],
    });
  });

  it('names all that is wrong at once', async () => {
    await writeFile(join(folder, 'outside.sql'), 'SELECT 1');
    for (const name of [
      '1_short.sql',
      'notes.txt',
      '005_a.sql',
      '005_b.ts',
      '006_c.down.sql',
      '007_d.ts',
      '007_d.down.sql',
    ])
      await put(name);
    await put('008_begin.sql', 'CREATE TABLE a ();\nBEGIN;\nCOMMIT;');
    await put('009_marks.sql', '-- nestdock: no-transactions\nSELECT 1;\n-- nestdock: no-transaction');
    await put('010_two.sql', '-- nestdock: no-transaction\nVACUUM;\nVACUUM;');
    await put('011_latin.sql', Buffer.from([0x2d, 0x2d, 0xe4]));
    await mkdir(join(folder, 'db', '012_folder.sql'));
    await symlink('/etc/passwd', join(folder, 'db', '013_away.sql'));
    await symlink('nowhere', join(folder, 'db', '014_nowhere.sql'));
    await symlink('../outside.sql', join(folder, 'db', '015_within.sql'));
    execFileSync('mkfifo', [join(folder, 'db', '016_pipe.sql')]);
    expect((await flaws()).sort()).toEqual([
      ['MANIFEST_MIGRATION_DOWN', 'db/006_c.down.sql'],
      ['MANIFEST_MIGRATION_DOWN', 'db/007_d.down.sql'],
      ['MANIFEST_MIGRATION_MARK', 'db/009_marks.sql', 1],
      ['MANIFEST_MIGRATION_MARK', 'db/009_marks.sql', 3],
      ['MANIFEST_MIGRATION_MARK', 'db/010_two.sql', 3],
      ['MANIFEST_MIGRATION_NAME', 'db/1_short.sql'],
      ['MANIFEST_MIGRATION_NAME', 'db/notes.txt'],
      ['MANIFEST_MIGRATION_NUMBER', 'db/005_b.ts'],
      ['MANIFEST_MIGRATION_TRANSACTION', 'db/008_begin.sql', 2],
      ['MANIFEST_MIGRATION_TRANSACTION', 'db/008_begin.sql', 3],
      ['MANIFEST_MIGRATION_UNREADABLE', 'db/011_latin.sql'],
      ['MANIFEST_MIGRATION_UNREADABLE', 'db/012_folder.sql'],
      ['MANIFEST_MIGRATION_UNREADABLE', 'db/014_nowhere.sql'],
      ['MANIFEST_MIGRATION_UNREADABLE', 'db/016_pipe.sql'],
      ['MANIFEST_PATH_OUTSIDE', 'db/013_away.sql'],
    ]);
  });

  it('is part of what a manifest is checked for', async () => {
    const manifest = { name: 'hello', version: '1.0.0', displayName: 'H', description: '', author: 'N' };
    await writeFile(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, migrations: './db' }));
    expect((await readManifest(folder)).problems).toMatchObject([
      { code: 'MANIFEST_MIGRATIONS_EMPTY', file: 'manifest.json', pointer: '/migrations' },
    ]);
    await put('001_a.sql', 'COMMIT;\nCOMMIT');
    await put('a.sql');
    const { problems } = await readManifest(folder);
    expect(problems.map(({ code, file, line }) => [code, file, line])).toEqual([
      ['MANIFEST_MIGRATION_NAME', 'db/a.sql', undefined],
      ['MANIFEST_MIGRATION_TRANSACTION', 'db/001_a.sql', 1],
      ['MANIFEST_MIGRATION_TRANSACTION', 'db/001_a.sql', 2],
    ]);
  });
});
