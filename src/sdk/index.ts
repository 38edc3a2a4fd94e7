/** What authors of modules import as `nestdock`. */
export { type DataSource, type EntityManager } from 'typeorm';
export { type JobContext, type JobHandler } from './job-context.js';
export {
  InjectModuleContext,
  MODULE_CONTEXT,
  type ModuleContext,
  type ModuleLogger,
  type RouteHandler,
} from './module-context.js';
export { EXPORT_TOKEN_PREFIX, type ExportToken, InjectExport, moduleExport } from './module-export.js';
export { type ModuleSettings, type OnSettingsChanged, type SettingsListener } from './module-settings.js';
export { MODULE_VERSIONING, ModuleVersioning } from './module-versioning.js';
