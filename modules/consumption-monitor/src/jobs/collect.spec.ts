import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type ModuleDatabase } from '../../../../test/support/module-database.js';
import { ReadingsService } from '../readings/readings.service.js';
import { jobContext } from '../testing/job-context.js';
import { emptyTables, openMonitorDatabase } from '../testing/monitor-database.js';
import collect, { type CollectConfig } from './collect.js';

const ANSWERS: Record<string, unknown> = {
  '/one': { meterId: 'one', timestamp: '2026-01-01T00:00:00Z', powerW: 10, energyKwh: 1, more: 'ignored' },
  '/two': { meterId: 'two', timestamp: '2026-01-01T00:00:00Z', powerW: 20, energyKwh: 2 },
  '/wrong': { meterId: 'wrong', timestamp: 'yesterday', powerW: 30, energyKwh: 3 },
};

let database: ModuleDatabase;
let readings: ReadingsService;
let server: Server;
let hostUrl: string;
/** Called when the meter that never answers is asked. */
let onHanging: () => void = () => undefined;

beforeAll(async () => {
  database = await openMonitorDatabase();
  readings = new ReadingsService(database.dataSource);
  server = createServer(({ url = '' }, response) => {
    if (url === '/hanging') return onHanging();
    const answer = ANSWERS[url];
    response.writeHead(answer === undefined ? 500 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  hostUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  await database.close();
});
beforeEach(() => emptyTables(database));

function setUp(meterUrls: unknown, config: Partial<CollectConfig> = {}, signal?: AbortSignal) {
  const full = { batchSize: 2, meterTimeoutMs: 5_000, ...config };
  const settings = { meterUrls };
  return jobContext({ config: full, settings, providers: [readings], hostUrl, ...(signal && { signal }) });
}

const metersRead = async () => (await readings.find())[0].map(({ meterId }) => meterId).sort();

describe('collect', () => {
  it('keeps what the meters show, by paths on the host and by whole URLs', async () => {
    const { context, progressed } = setUp(['/one', `${hostUrl}/two`]);
    expect(await collect(context)).toEqual({ collected: 2, failures: [] });
    expect((await readings.find({ meterId: 'one' }))[0]).toEqual([
      { meterId: 'one', timestamp: new Date('2026-01-01T00:00:00Z'), powerW: 10, energyKwh: 1 },
    ]);
    expect(await metersRead()).toEqual(['one', 'two']);
    expect(progressed).toEqual([{ percent: 100, message: '2 of 2 meters asked' }]);
  });

  it('asks a batch at a time', async () => {
    const { context, progressed } = setUp(['/one', '/two', '/one', '/two']);
    expect(await collect(context)).toMatchObject({ collected: 2 });
    expect(progressed.map(({ percent }) => percent)).toEqual([50, 100]);
  });

  it('reports the meters that fail and keeps the others', async () => {
    const { context, log } = setUp(['/one', '/down', '/wrong', '/hanging'], { meterTimeoutMs: 50 });
    const { collected, failures } = await collect(context);
    expect(collected).toBe(1);
    expect(await metersRead()).toEqual(['one']);
    expect(failures.map(({ url }) => url)).toEqual([`${hostUrl}/down`, `${hostUrl}/wrong`, `${hostUrl}/hanging`]);
    expect(failures.slice(0, 2).map(({ reason }) => reason)).toEqual([
      'it answered 500',
      'it answered with a wrong timestamp',
    ]);
    expect(log).toEqual(['Some meters gave no reading']);
  });

  it('fails where no meter answers', async () => {
    const { context } = setUp(['/down']);
    await expect(collect(context)).rejects.toThrow(`${hostUrl}/down: it answered 500`);
  });

  it('stops when the run is aborted', async () => {
    const abort = new AbortController();
    onHanging = () => abort.abort(new Error('cancelled'));
    const { context } = setUp(['/hanging', '/one', '/two'], { batchSize: 1 }, abort.signal);
    await expect(collect(context)).rejects.toThrow('cancelled');
    expect(await metersRead()).toEqual([]);
  });

  it('refuses a list that is none of URLs', async () => {
    await expect(collect(setUp(['/one', 7]).context)).rejects.toThrow('no URL: 7');
    await expect(collect(setUp('/one').context)).rejects.toThrow('must be a list');
  });
});
