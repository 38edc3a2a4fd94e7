import { Job } from './job.entity.js';
import { HostModule, HostRow } from './host.entity.js';
import { ModuleReleaseRow } from './module-release.entity.js';
import { ModuleSettingsChange } from './module-settings-change.entity.js';
import { ModuleSettingsRow } from './module-settings.entity.js';
import { ModuleMigration } from './module-migration.entity.js';
import { Module } from './module.entity.js';
import { Rollout, RolloutReport } from './rollout.entity.js';
import { Run } from './run.entity.js';
import { SecretKeyRow } from './secret-key.entity.js';

export * from './host.entity.js';
export * from './job.entity.js';
export * from './module-release.entity.js';
export * from './rollout.entity.js';
export * from './module-settings-change.entity.js';
export * from './module-settings.entity.js';
export * from './module-migration.entity.js';
export * from './module.entity.js';
export * from './run.entity.js';

export const HOST_ENTITIES = [
  Module,
  Job,
  Run,
  ModuleSettingsRow,
  ModuleSettingsChange,
  SecretKeyRow,
  ModuleMigration,
  ModuleReleaseRow,
  HostRow,
  HostModule,
  Rollout,
  RolloutReport,
];
