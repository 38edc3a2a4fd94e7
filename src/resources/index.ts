export { LeftBehind } from './left-behind.js';
export { RESOURCE_KINDS, type ResourceCounts } from './resource-kinds.js';
export { ResourcesCapability } from './resources.capability.js';
export { ResourcesModule } from './resources.module.js';
export { UnloadedCode } from './unloaded-code.js';
export { watchProcess } from './watch-process.js';
