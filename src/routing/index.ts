export { answerRaw } from './answer-instead.js';
export { ModuleRouter } from './module-router.js';
export { RoutingCapability } from './routing-capability.js';
export { RoutingModule } from './routing.module.js';
export { unservedModule } from './unserved-module.js';
