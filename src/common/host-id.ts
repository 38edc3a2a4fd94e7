import { hostname } from 'node:os';

/** Names this process among all hosts of a cluster, such as `web-1-4711`. */
export const hostId = (): string => `${hostname()}-${process.pid}`;
