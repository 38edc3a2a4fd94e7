import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { hasErrorCode } from '../common/error-code.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type Bundle, type Release, type ReleaseBuilder } from '../kernel/index.js';
import { type Manifest, readManifest, requireManifest } from '../manifest/index.js';
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
    const bundle = await this.#bundle(folder, manifest);
    const { name, version } = manifest;
    return { name, version, manifest, folder, digest: releaseDigest(manifest, bundle), bundle };
  }

  async #bundle(folder: string, manifest: Manifest): Promise<Bundle> {
    const keys = manifestFiles(manifest);
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

async function realFolder(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    if (!hasErrorCode(cause, 'ENOENT')) throw cause;
    throw new NestdockError('MODULE_FOLDER_MISSING', `There is no folder ${path}.`, { cause });
  }
}
