import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { fastify, type FastifyInstance } from 'fastify';
import { type ModuleContext } from 'nestdock';
import demoMeter from './index.js';
import { METERS, type Reading } from './meters.js';

const silent = () => undefined;
const context: ModuleContext = {
  module: { name: 'demo-meter', version: '1.0.0' },
  hostUrl: 'http://127.0.0.1:9',
  logger: { debug: silent, info: silent, warn: silent, error: silent },
  settings: {},
  get dataSource(): never {
    throw new Error('there is no database');
  },
  get: () => {
    throw new Error('a plugin has no providers');
  },
  onSettingsChanged: () => silent,
};

let app: FastifyInstance;
beforeAll(async () => {
  app = fastify();
  await app.register(demoMeter, { context });
});
afterAll(() => app.close());

it('lists the meters, and nothing of how they are simulated', async () => {
  const { items } = (await app.inject('/meters')).json<{ items: object[] }>();
  expect(items).toEqual(METERS.map(({ id, name }) => ({ id, name })));
});

it.each(METERS.map(({ id }) => id))('reads the meter %s as of now', async (id) => {
  const before = Date.now();
  const response = await app.inject(`/meters/${id}/reading`);
  const { timestamp, ...reading } = response.json<Reading>();
  expect(response.statusCode).toBe(200);
  expect(reading).toEqual({ meterId: id, powerW: expect.any(Number), energyKwh: expect.any(Number) });
  expect(Date.parse(timestamp)).toBeGreaterThanOrEqual(before);
});

it('answers /reading for the first meter', async () => {
  expect((await app.inject('/reading')).json<Reading>().meterId).toBe(METERS[0].id);
});

it('knows no other meters', async () => {
  expect((await app.inject('/meters/nowhere/reading')).statusCode).toBe(404);
  expect((await app.inject('/meters/No!/reading')).statusCode).toBe(400);
});
