import { Job } from './job.entity.js';
import { ModuleMigration } from './module-migration.entity.js';
import { Module } from './module.entity.js';
import { Run } from './run.entity.js';

export * from './job.entity.js';
export * from './module-migration.entity.js';
export * from './module.entity.js';
export * from './run.entity.js';

export const HOST_ENTITIES = [Module, Job, Run, ModuleMigration];
