import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { TypeOrmModule } from '@nestjs/typeorm';
import { type ModuleDatabase } from '../../../test/support/module-database.js';
import { ConsumptionMonitorModule } from './consumption-monitor.module.js';
import { ReadingsService } from './readings/readings.service.js';
import { SummariesService } from './summaries/summaries.service.js';
import { openMonitorDatabase } from './testing/monitor-database.js';

/** The module in a Nest app of its own, on its own tables: it needs nothing else of the host to answer. */
describe('the routes', () => {
  let app: NestFastifyApplication;
  let database: ModuleDatabase;

  beforeAll(async () => {
    database = await openMonitorDatabase();
    const { dataSource } = database;
    const imports = [
      TypeOrmModule.forRootAsync({ useFactory: () => dataSource.options, dataSourceFactory: async () => dataSource }),
      ConsumptionMonitorModule,
    ];
    app = await NestFactory.create<NestFastifyApplication>({ module: class {}, imports }, new FastifyAdapter(), {
      logger: false,
    });
    await app.init();
    const readings = app.get(ReadingsService);
    for (const hour of [1, 2, 3]) {
      const timestamp = new Date(Date.UTC(2026, 0, 1, hour));
      await readings.add([{ meterId: 'cellar', timestamp, powerW: hour * 100, energyKwh: hour }]);
    }
    await app.get(SummariesService).sumUpDays(new Date(Date.UTC(2026, 0, 1)));
  });
  afterAll(async () => {
    await app.close();
    await database.close();
  });

  const get = async (url: string) => {
    const response = await app.inject({ url });
    return { status: response.statusCode, body: response.json<Record<string, unknown>>() };
  };

  it('lists the newest, up to the limit', async () => {
    expect(await get('/readings?limit=2')).toEqual({
      status: 200,
      body: {
        items: [
          { meterId: 'cellar', timestamp: '2026-01-01T03:00:00.000Z', powerW: 300, energyKwh: 3 },
          { meterId: 'cellar', timestamp: '2026-01-01T02:00:00.000Z', powerW: 200, energyKwh: 2 },
        ],
        total: 3,
        nextCursor: null,
      },
    });
  });

  it('filters by meter and by period', async () => {
    expect((await get('/readings?meterId=attic')).body).toMatchObject({ total: 0 });
    expect((await get('/readings?from=2026-01-01T02:00:00Z&to=2026-01-01T02:30:00Z')).body).toMatchObject({ total: 1 });
  });

  it.each(['limit=0', 'limit=1001', 'limit=ten', 'from=yesterday', 'meterId=', 'unknown=1'])(
    'refuses %s',
    async (query) => {
      expect((await get(`/readings?${query}`)).status).toBe(400);
    },
  );

  it('summarizes a meter', async () => {
    expect((await get('/readings/cellar/summary?from=2026-01-01T02:00:00Z')).body).toMatchObject({
      meterId: 'cellar',
      summary: { count: 2, consumedKwh: 1, powerW: { min: 200, max: 300, mean: 250 } },
    });
    expect((await get('/readings/cellar/summary?from=2027-01-01')).body).toEqual({ meterId: 'cellar', summary: null });
  });

  it('lists the meters, and the days of each', async () => {
    expect((await get('/meters')).body).toMatchObject({ items: [{ id: 'cellar' }], total: 1 });
    expect((await get('/meters/cellar/days')).body).toMatchObject({
      items: [{ day: '2026-01-01', readings: 3, minPowerW: 100, maxPowerW: 300, consumedKwh: 2 }],
      total: 1,
    });
    expect((await get('/meters/cellar/days?from=2026-01-02')).body).toMatchObject({ total: 0 });
  });

  it('knows no other meters', async () => {
    expect((await get('/readings/attic/summary')).status).toBe(404);
    expect((await get('/meters/attic/days')).status).toBe(404);
  });
});
