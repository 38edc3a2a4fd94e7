import { AsyncLocalStorage } from 'node:async_hooks';

/** On whose behalf code runs. */
export interface ModuleScope {
  readonly module: string;
  /** Counts the module's generations in this host, from 1. */
  readonly generation: number;
  readonly requestId?: string;
}

const scopes = new AsyncLocalStorage<ModuleScope>();

/** Calls into a module. All that it starts from there keeps the scope: timers, promises, listeners, streams. */
export function runInScope<A extends unknown[], R>(scope: ModuleScope, call: (...args: A) => R, ...args: A): R {
  return scopes.run(scope, call, ...args);
}

/** undefined while the host runs on its own behalf. */
export const currentScope = (): ModuleScope | undefined => scopes.getStore();
