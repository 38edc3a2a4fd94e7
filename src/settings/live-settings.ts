import { inspect, isDeepStrictEqual } from 'node:util';
import { type LiveSettings } from '../kernel/index.js';
import { type FieldValues, type ManifestFields, maskSecrets } from '../manifest/index.js';
import { type ModuleSettings, type SettingsListener } from '../sdk/index.js';

/** The settings of one generation, as they are now. */
export class LiveModuleSettings implements LiveSettings {
  readonly values: ModuleSettings;
  readonly #current: Record<string, unknown> = {};
  readonly #listeners = new Set<SettingsListener>();

  constructor(readonly fields: ManifestFields) {
    this.values = readOnlyView(this.#current, fields);
  }

  onChange(listener: SettingsListener): () => void {
    if (typeof listener !== 'function') throw new TypeError('a listener to new settings must be a function');
    // Of a listener that is added twice, each is ended by itself.
    const own: SettingsListener = (settings, changed) => listener(settings, changed);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /**
   * Puts other values in the place of these, all at once.
   * @returns the fields whose values are new, or gone
   */
  replace(values: FieldValues): string[] {
    const current = this.#current;
    const keys = new Set([...Object.keys(current), ...Object.keys(values)]);
    const changed = [...keys].filter((key) => !isDeepStrictEqual(current[key], values[key]));
    for (const key of Object.keys(current)) delete current[key];
    for (const [key, value] of Object.entries(values)) current[key] = deepFreeze(value);
    return changed;
  }

  /**
   * Tells all listeners, and waits for none.
   * @returns one promise for each of them, which rejects with what it fails with
   */
  tell(changed: readonly string[]): Promise<unknown>[] {
    return [...this.#listeners].map(async (listener) => listener(this.values, changed));
  }

  close(): void {
    this.#listeners.clear();
  }
}

/** Reads as the object does at the moment, and cannot be written. Printed, it shows no secret. */
function readOnlyView(current: Record<string, unknown>, fields: ManifestFields): ModuleSettings {
  const print = () => maskSecrets(fields, current);
  Object.defineProperty(current, inspect.custom, { value: print, enumerable: false });
  const refuse = (): never => {
    throw new TypeError('settings cannot be written by the module; operators change them');
  };
  return new Proxy(current, {
    set: refuse,
    defineProperty: refuse,
    deleteProperty: refuse,
    setPrototypeOf: refuse,
    preventExtensions: refuse,
  });
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
