import { NestdockError } from '../common/errors/nestdock-error.js';
import { type ModuleState } from '../kernel/index.js';

/** Seconds after which it is worth asking again; absent where it is not. */
const RETRY_AFTER = {
  loading: 1,
  active: 1,
  failed: 5,
  quarantined: 30,
} as const satisfies Partial<Record<ModuleState, number>>;

export interface UnservedModule {
  readonly error: NestdockError;
  /** Seconds, for the header Retry-After. */
  readonly retryAfter: number | undefined;
}

/** What a request gets whose module nothing serves. @param state undefined where the host does not know the module */
export function unservedModule(name: string, state: ModuleState | undefined): UnservedModule {
  const retryAfter = (RETRY_AFTER as Partial<Record<ModuleState, number>>)[state ?? 'idle'];
  const error =
    retryAfter === undefined
      ? new NestdockError('MODULE_NOT_LOADED', `no module named "${name}" is loaded`)
      : new NestdockError('MODULE_UNAVAILABLE', `the module "${name}" does not serve at present`, {
          extensions: { state, retryAfter },
        });
  return { error, retryAfter };
}
