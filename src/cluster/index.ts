export { ClusterModule } from './cluster.module.js';
export { ClusterService } from './cluster.service.js';
export { type HostModuleView, type HostView } from './cluster-state.js';
export { RolloutsModule } from './rollouts.module.js';
