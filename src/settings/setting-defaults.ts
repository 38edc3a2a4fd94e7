import { type Manifest } from '../manifest/index.js';

/** Settings without a default are absent. */
export function settingDefaults({ settings = {} }: Pick<Manifest, 'settings'>): Readonly<Record<string, unknown>> {
  const described = Object.entries(settings).filter(([, field]) => field.default !== undefined);
  return Object.freeze(Object.fromEntries(described.map(([key, field]) => [key, structuredClone(field.default)])));
}
