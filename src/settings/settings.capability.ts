import { Injectable } from '@nestjs/common';
import { type Undo } from '../common/undo-stack.js';
import { type Capability, type Generation } from '../kernel/index.js';
import { settingDefaults } from './setting-defaults.js';

/** The values of a module's settings. */
@Injectable()
export class SettingsCapability implements Capability {
  readonly name = 'settings';

  attach(generation: Generation): Undo {
    generation.provide('settings', {
      values: settingDefaults(generation.release.manifest),
      onChange: () => () => undefined,
    });
    return () => undefined;
  }
}
