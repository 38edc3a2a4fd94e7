/** What every occurrence of a code has in common. */
export interface ErrorDefinition {
  /** HTTP status that the admin API answers with. */
  readonly status: number;
  /** What is wrong, the same for each occurrence. */
  readonly title: string;
  /** What to do about it. */
  readonly remedy: string;
}

/**
 * Every code that Nestdock reports, in one place. Codes are stable: clients and
 * `docs/errors.md` rely on them.
 */
export const ERROR_CATALOGUE = {
  // Requests
  UNAUTHORIZED: {
    status: 401,
    title: 'The admin token is missing or wrong',
    remedy: 'Send `Authorization: Bearer <token>` with the value of ADMIN_TOKEN or of DATA_DIR/admin-token.',
  },
  REQUEST_INVALID: {
    status: 400,
    title: 'The request is not valid',
    remedy: 'Correct the fields that `problems` names.',
  },
  ROUTE_NOT_FOUND: {
    status: 404,
    title: 'No route answers here',
    remedy: 'See /docs for the routes that are live now.',
  },
  INTERNAL_ERROR: {
    status: 500,
    title: 'The host failed to answer',
    remedy: 'Look for the request id in the log of the host.',
  },
  HOST_STOPPING: {
    status: 503,
    title: 'The host is stopping',
    remedy: 'Try again at another host, or once this one is back.',
  },

  // Configuration and start
  CONFIG_INVALID: {
    status: 500,
    title: 'The configuration is not valid',
    remedy: 'Correct the environment variables that `problems` names.',
  },
  DATA_DIR_LOCKED: {
    status: 500,
    title: 'Another host holds the data folder',
    remedy: 'Stop that host, or give this one a DATA_DIR of its own.',
  },

  // Modules
  MODULE_NOT_FOUND: {
    status: 404,
    title: 'No module has this name',
    remedy: 'See GET /api/v1/modules for the names, or scan for new folders.',
  },
  MODULE_NOT_LOADED: {
    status: 404,
    title: 'The module is not loaded',
    remedy: 'Enable it with POST /api/v1/modules/{name}/enable.',
  },
  MODULE_UNAVAILABLE: {
    status: 503,
    title: 'The module is being loaded or is out of service',
    remedy: 'Try again after the seconds that Retry-After names.',
  },
  MODULE_NAME_CONFLICT: {
    status: 409,
    title: 'Two folders have one module name',
    remedy: 'Rename one of them in its manifest, or remove it.',
  },
  MODULE_ENABLED: {
    status: 409,
    title: 'The module is enabled',
    remedy: 'Disable it first.',
  },
  MODULE_FOLDER_MISSING: {
    status: 422,
    title: "The module's folder is gone",
    remedy: 'Put the folder back, or register the module at its new path.',
  },
  MODULE_PATH_FORBIDDEN: {
    status: 403,
    title: 'The path is outside the folders that modules may come from',
    remedy: 'Move the module under MODULES_DIR, or add its parent folder to MODULE_ROOTS.',
  },
  ILLEGAL_TRANSITION: {
    status: 409,
    title: 'The module cannot do this in its present state',
    remedy: 'Wait until the operation under way has ended.',
  },
} as const satisfies Record<string, ErrorDefinition>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;
