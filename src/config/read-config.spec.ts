import { inspect } from 'node:util';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type Environment } from './environment-reader.js';
import { readConfig, readDatabaseConfig } from './read-config.js';

function refusal(env: Environment): NestdockError {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof NestdockError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

const SHARED = { ADMIN_TOKEN: 'a-token', SECRET_KEY: 'a-key' };

describe('readConfig', () => {
  it('needs nothing', () => {
    expect(readConfig({})).toEqual({
      port: 4000,
      host: '127.0.0.1',
      databaseUrl: undefined,
      dataDir: resolve('.nestdock'),
      modulesDir: resolve('modules'),
      moduleRoots: [resolve('modules')],
      adminToken: undefined,
      secretKey: undefined,
      previousSecretKeys: [],
      logLevel: 'info',
      loadTimeoutMs: 10_000,
      migrationTimeoutMs: 600_000,
      requestTimeoutMs: 30_000,
      drainTimeoutMs: 10_000,
      hostTtlMs: 5_000,
      blockedLoopMs: 1_000,
      processMemoryMb: 512,
      processStuckMs: 1_500,
      quarantine: { windowMs: 60_000, crashes: 5, timeouts: 50, errorPercent: 0 },
      rollout: { windowMs: 60_000, errorPercent: 5, userHeader: undefined },
      runRetention: { days: 30, runsPerJob: 1_000 },
      corsOrigins: [],
      environment: 'development',
    });
  });

  it('reads every variable', () => {
    const env = {
      ...SHARED,
      SECRET_KEY_PREVIOUS: ' an-old-key, an-older-key ',
      PORT: '0',
      HOST: '::',
      DATABASE_URL: 'postgresql://db/nestdock',
      DATA_DIR: 'data',
      MODULES_DIR: '/srv/modules/',
      MODULE_ROOTS: '/srv/modules, ./more',
      LOG_LEVEL: 'Debug',
      LOAD_TIMEOUT_MS: '1',
      MIGRATION_TIMEOUT_MS: '7',
      REQUEST_TIMEOUT_MS: '2',
      DRAIN_TIMEOUT_MS: '3',
      HOST_TTL_MS: '4',
      BLOCKED_LOOP_MS: '7',
      PROCESS_MEMORY_MB: '8',
      PROCESS_STUCK_MS: '9',
      QUARANTINE_WINDOW_MS: '10',
      QUARANTINE_CRASHES: '11',
      QUARANTINE_TIMEOUTS: '0',
      QUARANTINE_ERROR_PERCENT: '12',
      ROLLOUT_WINDOW_MS: '13',
      ROLLOUT_ERROR_PERCENT: '14',
      ROLLOUT_USER_HEADER: 'X-User',
      RUN_RETENTION_DAYS: '5',
      RUN_RETENTION_COUNT: '6',
      CORS_ORIGINS: 'https://a.example/, http://localhost:5173',
      NODE_ENV: 'production',
      PATH: '/usr/bin',
    };
    expect(readConfig(env)).toEqual({
      port: 0,
      host: '::',
      databaseUrl: 'postgresql://db/nestdock',
      dataDir: resolve('data'),
      modulesDir: '/srv/modules',
      moduleRoots: ['/srv/modules', resolve('more')],
      adminToken: 'a-token',
      secretKey: 'a-key',
      previousSecretKeys: ['an-old-key', 'an-older-key'],
      logLevel: 'debug',
      loadTimeoutMs: 1,
      migrationTimeoutMs: 7,
      requestTimeoutMs: 2,
      drainTimeoutMs: 3,
      hostTtlMs: 4,
      blockedLoopMs: 7,
      processMemoryMb: 8,
      processStuckMs: 9,
      quarantine: { windowMs: 10, crashes: 11, timeouts: 0, errorPercent: 12 },
      rollout: { windowMs: 13, errorPercent: 14, userHeader: 'x-user' },
      runRetention: { days: 5, runsPerJob: 6 },
      corsOrigins: ['https://a.example', 'http://localhost:5173'],
      environment: 'production',
    });
  });

  it('takes an empty variable for an unset one', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: ' ', ADMIN_TOKEN: '' })).toEqual(readConfig({}));
  });

  it('lets modules come from MODULES_DIR where MODULE_ROOTS is unset', () => {
    expect(readConfig({ MODULES_DIR: '/srv/m' }).moduleRoots).toEqual(['/srv/m']);
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '80x'],
    ['PORT', '-1'],
    ['LOAD_TIMEOUT_MS', '0'],
    ['DRAIN_TIMEOUT_MS', '1.5'],
    ['HOST_TTL_MS', '2147483648'],
    ['LOG_LEVEL', 'loud'],
    ['ADMIN_TOKEN', 'two words'],
    ['ROLLOUT_USER_HEADER', 'two words'],
    ['CORS_ORIGINS', 'https://a.example/path'],
  ])('refuses %s=%s', (name, value) => {
    expect(refusal({ [name]: value }).problems).toEqual([
      { code: 'CONFIG_VALUE_INVALID', pointer: name, message: expect.stringContaining(name) },
    ]);
  });

  it('tells everything that is wrong at once', () => {
    const error = refusal({ PORT: 'x', LOG_LEVEL: 'loud', DATABASE_URL: 'mysql://db/x', HOST_TTL_MS: '-5' });
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.problems.map(({ pointer }) => pointer)).toEqual([
      'PORT',
      'DATABASE_URL',
      'LOG_LEVEL',
      'HOST_TTL_MS',
      'ADMIN_TOKEN',
      'SECRET_KEY',
    ]);
  });

  it('wants the shared secrets where hosts share a database', () => {
    const url = 'postgres://db/nestdock';
    expect(readConfig({ DATABASE_URL: url, ...SHARED }).databaseUrl).toBe(url);
    expect(refusal({ DATABASE_URL: url, ADMIN_TOKEN: 'a-token' }).problems).toMatchObject([
      { code: 'CONFIG_VALUE_MISSING', pointer: 'SECRET_KEY' },
    ]);
  });

  it('wants no secrets from a tool that only uses the database', () => {
    const url = 'postgres://db/nestdock';
    expect(readDatabaseConfig({ DATABASE_URL: url, PORT: 'x' })).toEqual({
      databaseUrl: url,
      dataDir: resolve('.nestdock'),
    });
    expect(() => readDatabaseConfig({ DATABASE_URL: 'db' })).toThrow(NestdockError);
  });

  it('never repeats a value: it may be a secret', () => {
    const env = { DATABASE_URL: 'mysql://root:hunter2@db/x', ADMIN_TOKEN: 'hunter2 hunter2', SECRET_KEY: 'hunter2' };
    const error = refusal(env);
    expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
    expect(JSON.stringify(error.toProblem())).not.toContain('hunter2');
  });
});
