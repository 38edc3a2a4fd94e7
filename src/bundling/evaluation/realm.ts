import { runInThisContext } from 'node:vm';

/** Built-in classes that decorator metadata names as the types of parameters and properties. */
const METADATA_TYPES = [
  'Object',
  'Function',
  'String',
  'Number',
  'Boolean',
  'Symbol',
  'BigInt',
  'Array',
  'Promise',
  'Date',
] as const;

/**
 * The `Reflect` for code that `node:vm` compiles, which belongs to the process's first realm. Where the host itself
 * runs in another, as under jest, that realm's own `Reflect` has no metadata, and its `String` is not the one that
 * Nest compares types with.
 */
export function reflectForModules(): typeof Reflect {
  const theirs = runInThisContext('globalThis') as typeof globalThis;
  if (theirs.Object === Object) return Reflect;
  const ours = new Map<unknown, unknown>(METADATA_TYPES.map((name) => [theirs[name], globalThis[name]]));
  const translate = (type: unknown): unknown => (Array.isArray(type) ? type.map(translate) : (ours.get(type) ?? type));
  return Object.assign(Object.create(Reflect) as typeof Reflect, {
    metadata: (key: unknown, value: unknown) =>
      Reflect.metadata(key, typeof key === 'string' && key.startsWith('design:') ? translate(value) : value),
  });
}
