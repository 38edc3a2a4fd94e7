import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BundlingHost } from '../../test/support/bundling-host.js';

describe('the migrations of a release', () => {
  let host: BundlingHost;
  beforeAll(async () => {
    host = await BundlingHost.start();
  });
  afterAll(() => host.stop());

  const files = {
    'db/001_create.sql': 'CREATE TABLE a ();',
    'db/001_create.down.sql': 'DROP TABLE a;',
    'db/002_fill.ts': `import { type MigrationInterface, type QueryRunner } from 'typeorm';
      export class Fill implements MigrationInterface { async up(runner: QueryRunner) {} async down() {} }`,
  };
  const manifest = { migrations: './db' };

  it('are SQL texts, and classes in the bundle', async () => {
    const folder = await host.write('migrating', files, manifest);
    const { code, release, undo } = await host.load(folder);
    expect(release.migrations).toMatchObject([
      { name: '001_create', kind: 'sql', up: { text: files['db/001_create.sql'], transactional: true } },
      { name: '002_fill', kind: 'code', file: 'db/002_fill.ts' },
    ]);
    expect(Object.keys(code.exportsOf('db/002_fill.ts'))).toEqual(['Fill']);
    await undo();
  });

  it('are part of what names the release, their down files too', async () => {
    const digest = async (changes: object = {}) =>
      (await host.builder.build(await host.write('digested', { ...files, ...changes }, manifest))).digest;
    const digests = [
      await digest(),
      await digest({ 'db/001_create.sql': 'CREATE TABLE b ();' }),
      await digest({ 'db/001_create.down.sql': '' }),
      await digest({ 'db/003_more.sql': 'SELECT 1' }),
    ];
    expect(new Set(digests).size).toBe(4);
    await rm(join(host.folder('digested'), 'db/003_more.sql'));
    expect(await digest()).toBe(digests[0]);
  });

  it('are refused by name where the folder does not hold migrations alone', async () => {
    const folder = await host.write('refused', { ...files, 'db/notes.txt': '' }, manifest);
    await expect(host.builder.build(folder)).rejects.toMatchObject({
      code: 'MANIFEST_INVALID',
      problems: [{ code: 'MANIFEST_MIGRATION_NAME', file: 'db/notes.txt' }],
    });
  });
});
