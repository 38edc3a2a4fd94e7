/** Keys of a manifest that have a module run in either place, for tests of what must be the same in both. */
export const ISOLATIONS = [
  ['in the host', { isolation: 'inline' }],
  // The fixtures write into their own folders.
  ['in a process of its own', { isolation: 'process', permissions: ['filesystem:read', 'filesystem:write'] }],
] as const;
