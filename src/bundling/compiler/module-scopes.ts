import { realpath } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import { hasErrorCode } from '../../common/error-code.js';
import { HOST_CONFIG, type HostConfig } from '../../config/index.js';
import { ModuleScope } from './module-scope.js';

/** Knows which files the modules of this host may be made of. */
@Injectable()
export class ModuleScopes {
  constructor(@Inject(HOST_CONFIG) private readonly config: Pick<HostConfig, 'modulesDir' | 'moduleRoots'>) {}

  /** @param folder real path of a module's folder */
  async of(folder: string): Promise<ModuleScope> {
    const roots = new Set([this.config.modulesDir, ...this.config.moduleRoots]);
    const real = await Promise.all([...roots].map(realpathOrNull));
    return new ModuleScope(
      folder,
      real.filter((root) => root !== null),
    );
  }
}

async function realpathOrNull(path: string): Promise<string | null> {
  try {
    return await realpath(path);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return null;
    // A module's own process may not look above the module's folder; the host has given it a real path.
    if (hasErrorCode(error, 'ERR_ACCESS_DENIED')) return path;
    throw error;
  }
}
