/** What modules make that outlives the call that made it. */
export const RESOURCE_KINDS = ['timers', 'sockets', 'servers', 'children', 'workers', 'watchers', 'listeners'] as const;

export type ResourceKind = (typeof RESOURCE_KINDS)[number];

/** How many of each kind; those without are left out. */
export type ResourceCounts = Readonly<Partial<Record<ResourceKind, number>>>;
