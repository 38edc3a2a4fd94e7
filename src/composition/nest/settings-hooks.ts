import { toError } from '../../common/to-error.js';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { type LiveSettings } from '../../kernel/index.js';
import { type ModuleSettings, type OnSettingsChanged } from '../../sdk/index.js';

const HOOK: keyof OnSettingsChanged = 'onSettingsChanged';

/**
 * Tells the providers and controllers of a tree of new settings. They may have read the settings when they were made:
 * what changes from then until the tree has started, they are told once it has.
 */
export class SettingsHooks {
  /** Ends it. */
  readonly end: () => void;
  #instances: (() => Iterable<object>) | undefined;
  readonly #missed = new Set<string>();

  /**
   * Made before the instances are.
   * @param onFailure told what a hook fails with that was called late; all else, `settings` hears of
   */
  constructor(
    private readonly settings: LiveSettings,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.end = settings.onChange((values, changed) => {
      if (this.#instances) return callHooks(this.#instances(), values, changed);
      for (const key of changed) this.#missed.add(key);
      return undefined;
    });
  }

  /** From now on, these are told at once; what they have missed, now. Nobody waits for that. */
  start(instances: () => Iterable<object>): void {
    this.#instances = instances;
    if (this.#missed.size === 0) return;
    callHooks(instances(), this.settings.values, [...this.#missed]).catch(this.onFailure);
  }
}

/** Side by side. One that fails does not stop the others. */
async function callHooks(
  instances: Iterable<object>,
  values: ModuleSettings,
  changed: readonly string[],
): Promise<void> {
  const outcomes = await Promise.allSettled([...new Set(instances)].map((each) => callHook(each, values, changed)));
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [toError(outcome.reason)] : []));
  if (failures.length > 1) throw new AggregateError(failures, failures.map(({ message }) => message).join('; '));
  if (failures[0]) throw failures[0];
}

async function callHook(instance: object, values: ModuleSettings, changed: readonly string[]): Promise<void> {
  const method: unknown = Reflect.get(instance, HOOK);
  if (typeof method !== 'function') return;
  try {
    await (method as OnSettingsChanged[typeof HOOK]).call(instance, values, changed);
  } catch (cause) {
    const owner = instance.constructor.name;
    throw new NestdockError('HOOK_FAILED', `${HOOK} of ${owner} failed: ${toError(cause).message}`, { cause });
  }
}
