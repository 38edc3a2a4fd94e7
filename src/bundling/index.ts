export { BundlingModule } from './bundling.module.js';
export { ReleaseStoreModule } from './release-store.module.js';
export { CodeCapability } from './evaluation/code.capability.js';
export { StackTraceMapper } from './stack-traces/stack-trace-mapper.js';
export { TracesCapability } from './stack-traces/traces.capability.js';
