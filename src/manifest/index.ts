export * from './handler-reference.js';
export * from './manifest.js';
export { MANIFEST_SCHEMA } from './manifest-schema.js';
