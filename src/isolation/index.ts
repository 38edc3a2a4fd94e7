export { IsolationCapability } from './isolation.capability.js';
export { IsolationModule } from './isolation.module.js';
