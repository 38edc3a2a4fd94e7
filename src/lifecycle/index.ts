export { LifecycleModule, type LifecycleOptions } from './lifecycle.module.js';
export { type HostStats } from './loader-stats.js';
export { type ModuleProgress, ModuleLoaderService } from './module-loader.service.js';
export { type OfferedRollout, type RolloutWord } from './module-following.js';
export { type Basis } from './module-operations.js';
export { ModuleMaintenance } from './module-maintenance.js';
export { type ModuleFilter, ModuleRegistryService, type ScanReport } from './module-registry.service.js';
export { type ModuleView } from './module-view.js';
export { ModuleWatcher } from './module-watcher.js';
