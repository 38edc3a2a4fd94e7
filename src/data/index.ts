export { DataCapability } from './data.capability.js';
export { DataModule } from './data.module.js';
