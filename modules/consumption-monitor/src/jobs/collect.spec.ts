import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { ReadingsService } from '../readings/readings.service.js';
import { jobContext } from '../testing/job-context.js';
import collect, { type CollectConfig } from './collect.js';

const ANSWERS: Record<string, unknown> = {
  '/one': { meterId: 'one', timestamp: '2026-01-01T00:00:00Z', powerW: 10, energyKwh: 1, more: 'ignored' },
  '/two': { meterId: 'two', timestamp: '2026-01-01T00:00:00Z', powerW: 20, energyKwh: 2 },
  '/wrong': { meterId: 'wrong', timestamp: 'yesterday', powerW: 30, energyKwh: 3 },
};

let server: Server;
let hostUrl: string;
/** Called when the meter that never answers is asked. */
let onHanging: () => void = () => undefined;

beforeAll(async () => {
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
});

function setUp(config: Partial<CollectConfig>, signal?: AbortSignal) {
  const readings = new ReadingsService();
  const full = { meterUrls: [], batchSize: 2, meterTimeoutMs: 5_000, ...config };
  return { readings, ...jobContext({ config: full, providers: [readings], hostUrl, ...(signal && { signal }) }) };
}

describe('collect', () => {
  it('keeps what the meters show, by paths on the host and by whole URLs', async () => {
    const { context, readings, progressed } = setUp({ meterUrls: ['/one', `${hostUrl}/two`] });
    expect(await collect(context)).toEqual({ collected: 2, failures: [] });
    expect(readings.ofMeter('one')).toEqual([
      { meterId: 'one', timestamp: new Date('2026-01-01T00:00:00Z'), powerW: 10, energyKwh: 1 },
    ]);
    expect(readings.knows('two')).toBe(true);
    expect(progressed).toEqual([{ percent: 100, message: '2 of 2 meters asked' }]);
  });

  it('asks a batch at a time', async () => {
    const { context, progressed } = setUp({ meterUrls: ['/one', '/two', '/one', '/two'], batchSize: 2 });
    expect(await collect(context)).toMatchObject({ collected: 2 });
    expect(progressed.map(({ percent }) => percent)).toEqual([50, 100]);
  });

  it('reports the meters that fail and keeps the others', async () => {
    const { context, readings, log } = setUp({
      meterUrls: ['/one', '/down', '/wrong', '/hanging'],
      meterTimeoutMs: 50,
    });
    const { collected, failures } = await collect(context);
    expect(collected).toBe(1);
    expect(readings.knows('one')).toBe(true);
    expect(failures.map(({ url }) => url)).toEqual([`${hostUrl}/down`, `${hostUrl}/wrong`, `${hostUrl}/hanging`]);
    expect(failures.slice(0, 2).map(({ reason }) => reason)).toEqual([
      'it answered 500',
      'it answered with a wrong timestamp',
    ]);
    expect(log).toEqual(['Some meters gave no reading']);
  });

  it('fails where no meter answers', async () => {
    const { context } = setUp({ meterUrls: ['/down'] });
    await expect(collect(context)).rejects.toThrow(`${hostUrl}/down: it answered 500`);
  });

  it('stops when the run is aborted', async () => {
    const abort = new AbortController();
    onHanging = () => abort.abort(new Error('cancelled'));
    const { context, readings } = setUp({ meterUrls: ['/hanging', '/one', '/two'], batchSize: 1 }, abort.signal);
    await expect(collect(context)).rejects.toThrow('cancelled');
    expect(readings.find()).toEqual([]);
  });

  it('refuses a list that is none of URLs', async () => {
    const notUrls = setUp({ meterUrls: ['/one', 7 as unknown as string] });
    await expect(collect(notUrls.context)).rejects.toThrow('no URL: 7');
    const noList = setUp({ meterUrls: '/one' as unknown as string[] });
    await expect(collect(noList.context)).rejects.toThrow('must be a list');
  });
});
