import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { openTestDatabase, type TestDatabase } from '../../test/support/database.js';
import { type Release } from '../kernel/index.js';
import { releaseDigest } from './release-digest.js';
import { DatabaseReleaseStore } from './release-store.js';

describe('DatabaseReleaseStore', () => {
  let test: TestDatabase;
  let store: DatabaseReleaseStore;
  beforeAll(async () => {
    test = await openTestDatabase();
    store = new DatabaseReleaseStore(test.dataSource);
  });
  afterAll(() => test.close());

  const release = (name: string, code: string): Release => {
    const manifest = { name, version: '1.0.0', displayName: name, description: 'd', author: 'a' };
    const hash = createHash('sha256').update(code).digest('hex');
    const bundle = { hash, code, map: '{}', externals: ['@nestjs/common'] };
    const digest = releaseDigest(manifest, bundle, []);
    return { name, version: '1.0.0', manifest, folder: '/here', digest, bundle, migrations: [] };
  };

  it('gives back the very release, for any folder', async () => {
    const kept = release('kept', 'exports.default = "ü";');
    await store.keep(kept);
    expect(await store.find(kept.digest, '/elsewhere')).toEqual({ ...kept, folder: '/elsewhere' });
    expect(await store.digestOf('kept', kept.bundle.hash)).toBe(kept.digest);
    expect(await store.find('0'.repeat(64), '/here')).toBeUndefined();
    expect(await store.digestOf('other', kept.bundle.hash)).toBeUndefined();
  });

  it('keeps the five that were used last, and the one that is enabled', async () => {
    const all = Array.from({ length: 8 }, (_none, index) => release('many', `exports.n = ${index};`));
    const [enabled, second, ...others] = all as [Release, Release, ...Release[]];
    await store.keep(enabled);
    await test.dataSource.query(
      `INSERT INTO nestdock.module (name, path, status, release) VALUES ('many', '/m', 'ENABLED', $1)`,
      [enabled.digest],
    );
    await store.keep(second);
    for (const other of others.slice(0, 4)) await store.keep(other);
    await store.keep(second); // used again
    for (const other of others.slice(4)) await store.keep(other);
    const kept = await Promise.all(all.map(async ({ digest }) => (await store.find(digest, '/here')) !== undefined));
    expect(kept).toEqual([true, true, false, false, true, true, true, true]);
  });

  it.each([
    ['a byte of the bundle', `set_byte(content, length(content) / 2, get_byte(content, length(content) / 2) # 1)`],
    ['the end', `substring(content FROM 1 FOR length(content) - 9)`],
    ['all', `decode('00', 'hex')`],
  ])('refuses one of which %s was changed', async (_what, change) => {
    const damaged = release('damaged', `exports.it = ${JSON.stringify(change)};`);
    await store.keep(damaged);
    await test.dataSource.query(`UPDATE nestdock.module_release SET content = ${change} WHERE digest = $1`, [
      damaged.digest,
    ]);
    await expect(store.find(damaged.digest, '/here')).rejects.toMatchObject({ code: 'RELEASE_DAMAGED' });
  });

  it('refuses one whose code was exchanged along with its hash', async () => {
    const [kept, other] = [release('exchanged', 'exports.a = 1;'), release('exchanged', 'exports.a = 2;')];
    await store.keep(kept);
    await store.keep(other);
    await test.dataSource.query(
      `UPDATE nestdock.module_release SET content = (SELECT content FROM nestdock.module_release WHERE digest = $2)
       WHERE digest = $1`,
      [kept.digest, other.digest],
    );
    await expect(store.find(kept.digest, '/here')).rejects.toMatchObject({ code: 'RELEASE_DAMAGED' });
  });

  it('drops those of a module that is purged, and no other', async () => {
    const [gone, stays] = [release('gone', 'exports.a = 1;'), release('stays', 'exports.a = 1;')];
    for (const one of [gone, stays]) await store.keep(one);
    await test.dataSource.transaction((transaction) => store.drop('gone', transaction));
    expect(await store.find(gone.digest, '/here')).toBeUndefined();
    expect(await store.find(stays.digest, '/here')).toBeDefined();
  });

  it('refuses one that is too large', async () => {
    const noise = Array.from({ length: 40 }, () => createHash('sha512').update(String(Math.random())).digest('hex'));
    const large = release('large', noise.join('').repeat(30_000));
    await expect(store.keep(large)).rejects.toMatchObject({ code: 'RELEASE_TOO_LARGE' });
  });
});
