export { type CircuitLimits, type IncidentCounts } from './circuit.js';
export { CircuitModule } from './circuit.module.js';
export { ModuleIncidents } from './module-incidents.js';
