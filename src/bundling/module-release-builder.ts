import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { hasErrorCode } from '../common/error-code.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type Bundle, type Release, type ReleaseBuilder, type ReleaseMigration } from '../kernel/index.js';
import { type Manifest, readManifest, readMigrations, requireManifest } from '../manifest/index.js';
import { BundleCache } from './cache/bundle-cache.js';
import { BundleCompiler } from './compiler/bundle-compiler.js';
import { ModuleScopes } from './compiler/module-scopes.js';
import { manifestFiles } from './manifest-files.js';
import { releaseDigest } from './release-digest.js';

/** Makes a release of a module's folder, from the cache where nothing that goes into it has changed. */
@Injectable()
export class ModuleReleaseBuilder implements ReleaseBuilder {
  constructor(
    private readonly compiler: BundleCompiler,
    private readonly cache: BundleCache,
    private readonly scopes: ModuleScopes,
  ) {}

  /** @throws MODULE_FOLDER_MISSING, MANIFEST_INVALID or BUNDLE_FAILED, with every problem that was found. */
  async build(path: string): Promise<Release> {
    const folder = await realFolder(path);
    const manifest = requireManifest(await readManifest(folder));
    const migrations = await migrationsOf(folder, manifest);
    const bundle = await this.#bundle(folder, manifestFiles(manifest, migrations));
    const { name, version } = manifest;
    const digest = releaseDigest(manifest, bundle, migrations);
    return { name, version, manifest, folder, digest, bundle, migrations };
  }

  /** @param keys of the files that the bundle exports */
  async forget(path: string): Promise<void> {
    await this.cache.forget(await whereverItWas(path));
  }

  async keepOnly(paths: readonly string[]): Promise<void> {
    await this.cache.keepOnly(await Promise.all(paths.map(whereverItWas)));
  }

  async #bundle(folder: string, keys: readonly string[]): Promise<Bundle> {
    const scope = await this.scopes.of(folder);
    const reach = scope.packageFolders.length;
    const key = { folder, fingerprint: JSON.stringify([this.compiler.fingerprint(), reach, ...keys]) };
    const cached = await this.cache.find(key);
    if (cached) return cached;
    const files = new Map(keys.map((file) => [file, join(folder, file)]));
    const result = await this.compiler.compile({ scope, files });
    await this.cache.store(key, result);
    return result.bundle;
  }
}

/** The manifest's check has read them too: what is wrong now has become so since. */
async function migrationsOf(folder: string, { name, migrations }: Manifest): Promise<readonly ReleaseMigration[]> {
  if (migrations === undefined) return [];
  const reading = await readMigrations(folder, migrations);
  if (reading.flaws.length === 0) return reading.migrations;
  throw new NestdockError('MANIFEST_INVALID', `the migrations of ${name} have ${reading.flaws.length} problem(s)`, {
    problems: reading.flaws,
  });
}

/** A folder that is gone may have been reached by a link: then its bundle goes at the next start. */
async function whereverItWas(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return path;
    throw error;
  }
}

async function realFolder(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    if (!hasErrorCode(cause, 'ENOENT')) throw cause;
    throw new NestdockError('MODULE_FOLDER_MISSING', `There is no folder ${path}.`, { cause });
  }
}
