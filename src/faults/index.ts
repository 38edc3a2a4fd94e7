export { FaultsModule } from './faults.module.js';
export { type FaultKind, ModuleFaults } from './module-faults.js';
export { spreadNet } from './spread-net.js';
