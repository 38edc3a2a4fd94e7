import { Injectable } from '@nestjs/common';
import { type ManifestFields, readManifest } from '../manifest/index.js';
import { type Module } from '../persistence/index.js';
import { ServingSettings } from './serving-settings.js';

/** Which settings a module has, for operators who read and set them. */
@Injectable()
export class SettingFields {
  constructor(private readonly serving: ServingSettings) {}

  /**
   * The fields of the version that is enabled, and those that the version in the folder adds: it may need values before
   * it can be loaded. Where nothing is enabled, the folder's alone, or those that were last known where it has none.
   */
  async of({ name, path, manifest, status }: Module): Promise<ManifestFields> {
    const inFolder = (await readManifest(path)).manifest?.settings;
    const known = (this.serving.get(name)?.manifest ?? manifest)?.settings ?? {};
    if (status !== 'ENABLED') return inFolder ?? known;
    return { ...known, ...Object.fromEntries(Object.entries(inFolder ?? {}).filter(([key]) => !(key in known))) };
  }
}
