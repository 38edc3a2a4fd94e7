import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type INestApplicationContext,
  Injectable,
  Module as NestModule,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { getDataSourceToken, InjectRepository } from '@nestjs/typeorm';
import { pino } from 'pino';
import { DataSource, type Repository } from 'typeorm';
import { makeDataDir } from '../../test/support/database.js';
import { LOGGER } from '../common/logging/logger.js';
import { ConfigModule, readConfig } from '../config/index.js';
import {
  DatabaseHealth,
  HOST_DATA_SOURCE,
  HOST_DATABASE,
  HOST_POOL,
  HostDatabase,
  Module,
  PersistenceModule,
} from './index.js';

@Injectable()
class ModuleCounter implements OnApplicationShutdown {
  atShutdown: number | undefined;

  constructor(@InjectRepository(Module, HOST_DATA_SOURCE) readonly modules: Repository<Module>) {}

  async onApplicationShutdown(): Promise<void> {
    this.atShutdown = await this.modules.count();
  }
}

@NestModule({ providers: [ModuleCounter] })
class CountingModule {}

describe('PersistenceModule', () => {
  let place: Awaited<ReturnType<typeof makeDataDir>>;

  beforeEach(async () => {
    place = await makeDataDir();
  });

  afterEach(() => place.remove());

  const start = (): Promise<INestApplicationContext> => {
    const logging = { module: class LoggingModule {}, global: true, exports: [LOGGER] };
    const app = {
      module: class App {},
      imports: [
        ConfigModule.forRoot(readConfig(place.env)),
        { ...logging, providers: [{ provide: LOGGER, useValue: pino({ level: 'silent' }) }] },
        PersistenceModule.forRootAsync(),
        CountingModule,
      ],
    };
    return NestFactory.createApplicationContext(app, { logger: false, abortOnError: false });
  };

  it('gives repositories, pool and health, and closes once all else has shut down', async () => {
    const app = await start();
    const counter = app.get(ModuleCounter, { strict: false });
    await counter.modules.insert({ name: 'hello', path: '/m/hello' });
    const pool = app.get<HostDatabase['pool']>(HOST_POOL, { strict: false });
    expect((await pool.query('SELECT name FROM nestdock.module')).rows).toEqual([{ name: 'hello' }]);
    const health = app.get(DatabaseHealth, { strict: false });
    expect(await health.check()).toMatchObject({ healthy: true });

    await app.close();
    expect(counter.atShutdown).toBe(1);
    expect(await health.check()).toMatchObject({ healthy: false, error: expect.any(Error) });
    const again = await HostDatabase.open({ databaseUrl: undefined, dataDir: place.dataDir });
    await again.close();
  });

  it('gives nobody the unnamed data source', async () => {
    const app = await start();
    expect(() => app.get(DataSource, { strict: false })).toThrow();
    expect(app.get<DataSource>(getDataSourceToken(HOST_DATA_SOURCE), { strict: false }).isInitialized).toBe(true);
    await app.close();
  });

  it('gives the lock back where the start fails', async () => {
    const broken = await HostDatabase.open({ databaseUrl: undefined, dataDir: place.dataDir });
    await broken.pool.query(`INSERT INTO nestdock.migration (timestamp, name) VALUES (1, 'FromTheFuture1')`);
    await broken.close();
    await expect(start()).rejects.toMatchObject({ code: 'DATABASE_AHEAD' });
    await (await HostDatabase.open({ databaseUrl: undefined, dataDir: place.dataDir })).close();
  });

  it('fails a start on a folder that another host holds, and leaves that one alone', async () => {
    const other = await HostDatabase.open({ databaseUrl: undefined, dataDir: place.dataDir });
    await expect(start()).rejects.toMatchObject({ code: 'DATA_DIR_LOCKED' });
    expect((await other.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await other.close();
  });

  it('is found by its token', async () => {
    const app = await start();
    expect(app.get(HOST_DATABASE, { strict: false })).toBeInstanceOf(HostDatabase);
    await app.close();
  });
});
