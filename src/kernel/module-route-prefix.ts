/** Where a module's routes live: `/api/v1/m/{name}`. */
export const MODULE_ROUTES_ROOT = '/api/v1/m';

export const moduleRoutePrefix = (moduleName: string): string => `${MODULE_ROUTES_ROOT}/${moduleName}`;
