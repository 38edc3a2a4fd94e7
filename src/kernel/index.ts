export * from './capability.js';
export * from './event-bus.js';
export * from './generation.js';
export * from './in-flight.js';
export * from './module-route-prefix.js';
export * from './module-state.js';
export * from './release.js';
export * from './route-entry.js';
