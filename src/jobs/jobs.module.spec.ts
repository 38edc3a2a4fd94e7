import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { pino } from 'pino';
import { makeDataDir, type TestPlace } from '../../test/support/database.js';
import { EventsModule } from '../../test/support/events.js';
import { LOGGER } from '../common/logging/logger.js';
import { SecretRegistry } from '../common/redaction/secret-registry.js';
import { HOST_CONFIG } from '../config/index.js';
import { PersistenceModule } from '../persistence/index.js';
import { JobsCapability, JobsModule, JobsService } from './index.js';

describe('JobsModule', () => {
  let place: TestPlace;

  beforeAll(async () => {
    place = await makeDataDir();
  });

  afterAll(() => place.remove());

  it('starts with the application and stops with it', async () => {
    const providers = [
      {
        provide: HOST_CONFIG,
        useValue: {
          dataDir: place.env['DATA_DIR'],
          databaseUrl: undefined,
          secretKey: undefined,
          previousSecretKeys: [],
          drainTimeoutMs: 100,
          runRetention: { days: 30, runsPerJob: 1_000 },
        },
      },
      { provide: LOGGER, useValue: pino({ level: 'silent' }) },
      SecretRegistry,
    ];
    const surroundings: DynamicModule = {
      module: class {},
      global: true,
      providers,
      exports: [HOST_CONFIG, LOGGER, SecretRegistry],
    };
    const imports = [
      surroundings,
      PersistenceModule.forRootAsync(),
      EventsModule.forRoot(),
      JobsModule.forRootAsync({ useFactory: () => ({ hostId: 'host-a' }) }),
    ];
    const app = await NestFactory.createApplicationContext({ module: class {}, imports }, { logger: false });
    expect(app.get(JobsCapability).name).toBe('jobs');
    expect(await app.get(JobsService).list()).toEqual({ items: [], total: 0, nextCursor: null });
    await app.close();
  });
});
