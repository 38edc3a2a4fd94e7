import { resolve } from 'node:path';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type Environment, EnvironmentReader } from './environment-reader.js';
import { type HostConfig } from './host-config.js';
import {
  count,
  days,
  folder,
  folders,
  headerName,
  limit,
  milliseconds,
  oneOf,
  origins,
  percent,
  port,
  postgresUrl,
  text,
  texts,
  token,
} from './value-parsers.js';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/**
 * The configuration that the environment asks for. Relative paths start at the working folder.
 * @throws {NestdockError} CONFIG_INVALID with everything that is wrong; a problem's `pointer` is the variable's name.
 */
export function readConfig(env: Environment): HostConfig {
  const reader = new EnvironmentReader(env);
  const modulesDir = reader.read('MODULES_DIR', folder, resolve('modules'));
  const config: HostConfig = {
    port: reader.read('PORT', port, 4000),
    host: reader.read('HOST', text, '127.0.0.1'),
    ...readDatabase(reader),
    modulesDir,
    moduleRoots: reader.read('MODULE_ROOTS', folders, [modulesDir]),
    adminToken: reader.read<string | undefined>('ADMIN_TOKEN', token, undefined),
    secretKey: reader.read<string | undefined>('SECRET_KEY', text, undefined),
    previousSecretKeys: reader.read<string[]>('SECRET_KEY_PREVIOUS', texts, []),
    logLevel: reader.read('LOG_LEVEL', oneOf(LOG_LEVELS), 'info'),
    loadTimeoutMs: reader.read('LOAD_TIMEOUT_MS', milliseconds, 10_000),
    migrationTimeoutMs: reader.read('MIGRATION_TIMEOUT_MS', milliseconds, 600_000),
    requestTimeoutMs: reader.read('REQUEST_TIMEOUT_MS', milliseconds, 30_000),
    drainTimeoutMs: reader.read('DRAIN_TIMEOUT_MS', milliseconds, 10_000),
    hostTtlMs: reader.read('HOST_TTL_MS', milliseconds, 5_000),
    blockedLoopMs: reader.read('BLOCKED_LOOP_MS', milliseconds, 1_000),
    processMemoryMb: reader.read('PROCESS_MEMORY_MB', count, 512),
    processStuckMs: reader.read('PROCESS_STUCK_MS', milliseconds, 1_500),
    quarantine: {
      windowMs: reader.read('QUARANTINE_WINDOW_MS', milliseconds, 60_000),
      crashes: reader.read('QUARANTINE_CRASHES', limit, 5),
      timeouts: reader.read('QUARANTINE_TIMEOUTS', limit, 50),
      errorPercent: reader.read('QUARANTINE_ERROR_PERCENT', percent, 0),
    },
    rollout: {
      windowMs: reader.read('ROLLOUT_WINDOW_MS', milliseconds, 60_000),
      errorPercent: reader.read('ROLLOUT_ERROR_PERCENT', percent, 5),
      userHeader: reader.read<string | undefined>('ROLLOUT_USER_HEADER', headerName, undefined),
    },
    runRetention: {
      days: reader.read('RUN_RETENTION_DAYS', days, 30),
      runsPerJob: reader.read('RUN_RETENTION_COUNT', count, 1_000),
    },
    corsOrigins: reader.read<string[]>('CORS_ORIGINS', origins, []),
    environment: reader.read('NODE_ENV', text, 'development'),
  };
  requireSharedSecrets(reader, env);
  return refuseProblems(reader, config);
}

/** What says where the database is. */
export type DatabaseConfig = Pick<HostConfig, 'databaseUrl' | 'dataDir'>;

/**
 * Where the database is, for tools that use nothing else of a host.
 * @throws {NestdockError} CONFIG_INVALID
 */
export function readDatabaseConfig(env: Environment): DatabaseConfig {
  const reader = new EnvironmentReader(env);
  return refuseProblems(reader, readDatabase(reader));
}

const readDatabase = (reader: EnvironmentReader): DatabaseConfig => ({
  databaseUrl: reader.read<string | undefined>('DATABASE_URL', postgresUrl, undefined),
  dataDir: reader.read('DATA_DIR', folder, resolve('.nestdock')),
});

function refuseProblems<T>({ problems }: EnvironmentReader, config: T): T {
  if (problems.length === 0) return config;
  const names = problems.map(({ pointer }) => pointer).join(', ');
  throw new NestdockError('CONFIG_INVALID', `see ${names}`, { problems });
}

/** Hosts of one database must agree on both: none of them can make one up. */
function requireSharedSecrets(reader: EnvironmentReader, env: Environment): void {
  if (!env['DATABASE_URL']?.trim()) return;
  for (const name of ['ADMIN_TOKEN', 'SECRET_KEY']) {
    if (env[name]?.trim()) continue;
    reader.report(
      'CONFIG_VALUE_MISSING',
      name,
      `${name} must be set where DATABASE_URL is: all hosts of the database share it`,
      'openssl rand -base64 32 makes one',
    );
  }
}
