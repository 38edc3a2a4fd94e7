import { NestdockError } from '../../common/errors/nestdock-error.js';
import { toError } from '../../common/to-error.js';
import { type HookTarget } from '../nest-internals.js';

export const START_HOOKS = ['onModuleInit', 'onApplicationBootstrap'] as const;
export const STOP_HOOKS = ['onModuleDestroy', 'beforeApplicationShutdown', 'onApplicationShutdown'] as const;
export type StartHook = (typeof START_HOOKS)[number];
export type StopHook = (typeof STOP_HOOKS)[number];

export interface HookTargets {
  readonly providers: readonly HookTarget[];
  /** Called after all others. */
  readonly moduleClass: object | undefined;
}

/**
 * Calls a hook as Nest does: those that others depend on first, those of one level side by side, the module's class last.
 * @throws HOOK_FAILED at the first that fails, naming it.
 */
export async function runStartHook({ providers, moduleClass }: HookTargets, hook: StartHook): Promise<void> {
  for (const level of levels(providers)) {
    await Promise.all(level.map((instance) => call(instance, hook)));
  }
  if (moduleClass) await call(moduleClass, hook);
}

/**
 * Calls a hook as Nest does, those that depend on others first. One that fails does not stop the others.
 * @returns a HOOK_FAILED for each that failed.
 */
export async function runStopHook(
  { providers, moduleClass }: HookTargets,
  hook: StopHook,
  signal?: string,
): Promise<Error[]> {
  const failures: Error[] = [];
  for (const level of [...levels(providers).reverse(), moduleClass ? [moduleClass] : []]) {
    const results = await Promise.allSettled(level.map((instance) => call(instance, hook, signal)));
    for (const result of results) if (result.status === 'rejected') failures.push(toError(result.reason));
  }
  return failures;
}

function levels(targets: readonly HookTarget[]): object[][] {
  const byLevel = new Map<number, object[]>();
  for (const { instance, level } of targets) {
    const others = byLevel.get(level);
    if (others) others.push(instance);
    else byLevel.set(level, [instance]);
  }
  return [...byLevel.entries()].sort(([a], [b]) => a - b).map(([, instances]) => instances);
}

async function call(instance: object, hook: StartHook | StopHook, signal?: string): Promise<void> {
  const method: unknown = Reflect.get(instance, hook);
  if (typeof method !== 'function') return;
  try {
    await (method as (signal?: string) => unknown).call(instance, signal);
  } catch (cause) {
    const owner = instance.constructor.name;
    throw new NestdockError('HOOK_FAILED', `${hook} of ${owner} failed: ${toError(cause).message}`, {
      cause,
      extensions: { hook, class: owner },
    });
  }
}
