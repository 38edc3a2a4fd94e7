export { AdminModule, type AdminOptions } from './admin.module.js';
export { setUpApiDocument } from './docs/set-up-api-document.js';
export { HostFastifyAdapter } from './http/host-fastify.adapter.js';
export { redactProblems } from './http/redact-problems.js';
export { SECURITY_HEADERS } from './http/security-headers.js';
