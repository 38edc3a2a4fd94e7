export { ClusterModule } from './cluster.module.js';
export { ClusterService } from './cluster.service.js';
export { type HostModuleView, type HostView, type RolloutView } from './cluster-state.js';
export { RolloutsModule } from './rollouts.module.js';
