/** What should be, in the database, for the whole cluster. */
export const MODULE_STATUSES = ['REGISTERED', 'ENABLED', 'DISABLED'] as const;
export type ModuleStatus = (typeof MODULE_STATUSES)[number];

/** What is, on this host. */
export const MODULE_STATES = ['idle', 'loading', 'active', 'draining', 'failed', 'quarantined'] as const;
export type ModuleState = (typeof MODULE_STATES)[number];

/** Answers a request for a module that nothing serves: with 404, or with 503 where it will be back. */
export interface ModuleStateReader {
  /** undefined where this host does not know the module. */
  stateOf(moduleName: string): ModuleState | undefined;
}

export const MODULE_STATE_READER = Symbol('ModuleStateReader');
