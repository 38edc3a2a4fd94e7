export { CompositionCapability } from './composition.capability.js';
export { CompositionModule } from './composition.module.js';
export { ContextCapability } from './context.capability.js';
export { HostUrl } from './host-url.js';
