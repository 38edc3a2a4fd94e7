export { AdminToken } from './admin-token.js';
export { AdminTokenGuard } from './admin-token.guard.js';
export { AuthModule } from './auth.module.js';
export { isAdminRequest, isModuleRequest } from './request-area.js';
