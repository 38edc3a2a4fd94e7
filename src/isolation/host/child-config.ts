import { type HostConfig } from '../../config/index.js';
import { dirname } from 'node:path';

/** Longest that a timer of Node waits. */
const NEVER_MS = 2 ** 31 - 1;

/**
 * The host's configuration as a module's process gets it: without secrets and database, and without the deadlines that
 * the host itself holds requests to.
 */
export function childConfig(config: HostConfig, hostUrl: string, packageFolders: readonly string[]): HostConfig {
  const { hostname, port } = new URL(hostUrl);
  const outermost = dirname(packageFolders.at(-1) ?? '');
  return {
    ...config,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port),
    databaseUrl: undefined,
    dataDir: '',
    modulesDir: outermost,
    moduleRoots: [],
    adminToken: undefined,
    secretKey: undefined,
    previousSecretKeys: [],
    corsOrigins: [],
    requestTimeoutMs: NEVER_MS,
  };
}
