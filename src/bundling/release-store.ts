import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { type DataSource, type EntityManager } from 'typeorm';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type Bundle, type Release, type ReleaseMigration, type ReleaseStore } from '../kernel/index.js';
import { type Manifest } from '../manifest/index.js';
import { HOST_DATA_SOURCE, ModuleReleaseRow } from '../persistence/index.js';
import { releaseDigest } from './release-digest.js';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Releases kept of each module: the one that is enabled, and those before it. */
const KEPT = 5;
/** Bytes that a release may take, compressed; and uncompressed. */
const LARGEST = 16 * 2 ** 20;
const LARGEST_CONTENT = 8 * LARGEST;

interface Content {
  readonly manifest: Manifest;
  readonly bundle: Bundle;
  readonly migrations: readonly ReleaseMigration[];
}

/** Releases in the host's database, as JSON in gzip. What comes back is held against its digest. */
@Injectable()
export class DatabaseReleaseStore implements ReleaseStore {
  constructor(@InjectDataSource(HOST_DATA_SOURCE) private readonly dataSource: DataSource) {}

  async keep({ name, digest, manifest, bundle, migrations }: Release): Promise<void> {
    if (await this.#touch(digest)) return;
    const text = JSON.stringify({ manifest, bundle, migrations } satisfies Content);
    const content = await compress(text);
    if (content.length > LARGEST || text.length > LARGEST_CONTENT) {
      throw new NestdockError(
        'RELEASE_TOO_LARGE',
        `the release of ${name} takes ${content.length} bytes compressed, ${text.length} uncompressed; at most ${LARGEST} and ${LARGEST_CONTENT} are kept`,
      );
    }
    await this.dataSource.query(
      `INSERT INTO nestdock.module_release (digest, module, bundle, content) VALUES ($1, $2, $3, $4)
       ON CONFLICT (digest) DO UPDATE SET used_at = clock_timestamp()`,
      [digest, name, bundle.hash, content],
    );
    await this.dataSource.query(
      `DELETE FROM nestdock.module_release AS kept USING (
         SELECT digest FROM nestdock.module_release WHERE module = $1 ORDER BY used_at DESC OFFSET $2
       ) AS old
       WHERE kept.digest = old.digest
         AND NOT EXISTS (SELECT FROM nestdock.module WHERE name = $1 AND release = kept.digest)
         AND NOT EXISTS (SELECT FROM nestdock.rollout WHERE module = $1 AND release = kept.digest)`,
      [name, KEPT],
    );
  }

  async find(digest: string, folder: string): Promise<Release | undefined> {
    const row = await this.dataSource.getRepository(ModuleReleaseRow).findOneBy({ digest });
    if (!row) return undefined;
    const content = await unpack(row);
    assertWhole(row, content);
    const { manifest, bundle, migrations } = content;
    return { name: manifest.name, version: manifest.version, manifest, folder, digest, bundle, migrations };
  }

  async drop(module: string, transaction: EntityManager): Promise<void> {
    await transaction.delete(ModuleReleaseRow, { module });
  }

  async digestOf(module: string, bundle: string): Promise<string | undefined> {
    const releases = this.dataSource.getRepository(ModuleReleaseRow);
    const row = await releases.findOne({
      select: { digest: true },
      where: { module, bundle },
      order: { usedAt: 'DESC' },
    });
    return row?.digest;
  }

  async #touch(digest: string): Promise<boolean> {
    const releases = this.dataSource.getRepository(ModuleReleaseRow);
    const { affected } = await releases.update({ digest }, { usedAt: () => 'clock_timestamp()' });
    return affected === 1;
  }
}

async function unpack(row: ModuleReleaseRow): Promise<Content> {
  try {
    const text = await decompress(row.content, { maxOutputLength: LARGEST_CONTENT });
    return JSON.parse(text.toString()) as Content;
  } catch (cause) {
    throw damaged(row, 'it cannot be unpacked', cause);
  }
}

function assertWhole(row: ModuleReleaseRow, { manifest, bundle, migrations }: Content): void {
  const hash = createHash('sha256').update(bundle.code).digest('hex');
  if (hash !== bundle.hash) throw damaged(row, `its code has the hash ${hash}`);
  const digest = releaseDigest(manifest, bundle, migrations);
  if (digest !== row.digest) throw damaged(row, `its content has the digest ${digest}`);
}

const damaged = ({ module, digest }: ModuleReleaseRow, why: string, cause?: unknown): NestdockError =>
  new NestdockError('RELEASE_DAMAGED', `release ${digest} of ${module} is not what was kept: ${why}`, { cause });
