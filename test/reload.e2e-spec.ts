import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import autocannon from 'autocannon';
import { eventually } from './support/eventually.js';
import { TestHost } from './support/test-host.js';

const VERSION = '/api/v1/m/counter/version';

describe('reloading', () => {
  let host: TestHost;
  let source: string;
  let original: string;

  beforeAll(async () => {
    host = await TestHost.start({ modules: ['counter', 'slow'] });
    source = join(host.modulesDir, 'counter', 'src', 'index.ts');
    original = await readFile(source, 'utf8');
    await host.admin('POST', '/modules/counter/enable');
    await host.admin('POST', '/modules/slow/enable');
  });
  afterAll(() => host.dispose());

  const writeVersion = (version: number) =>
    writeFile(source, original.replace(/VERSION = \d+/, `VERSION = ${version}`));
  const version = async () => (await host.request<{ version: number }>('GET', VERSION)).body.version;

  it('runs the new code at the next request', async () => {
    for (const next of [2, 3, 4]) {
      await writeVersion(next);
      expect((await host.admin('POST', '/modules/counter/reload')).status).toBe(200);
      expect(await version()).toBe(next);
    }
  });

  it('fails no request under fifty connections', async () => {
    const load = autocannon({ url: host.url + VERSION, connections: 50, duration: 4, workers: 1 });
    let running = true;
    const ended = load.then((result) => {
      running = false;
      return result;
    });
    let reloads = 0;
    while (running) {
      await writeVersion(100 + reloads++);
      expect((await host.admin('POST', '/modules/counter/reload')).status).toBe(200);
      await sleep(100);
    }
    const result = await ended;
    expect(reloads).toBeGreaterThan(2);
    expect(result['2xx']).toBeGreaterThan(100);
    expect([result.non2xx, result.errors, result.timeouts, result.resets]).toEqual([0, 0, 0, 0]);
  });

  it('leaves the old code serving where the new code is wrong, and says so', async () => {
    await writeVersion(7);
    await host.admin('POST', '/modules/counter/reload');
    await writeFile(source, 'export default class {');
    const { status, body } = await host.admin('POST', '/modules/counter/reload');
    expect([status, body.code]).toEqual([422, 'BUNDLE_FAILED']);
    expect(body.serving).toMatchObject({ generation: expect.any(Number) as unknown });
    expect(await version()).toBe(7);
    const module = (await host.admin<{ state: string; error: { code: string } }>('GET', '/modules/counter')).body;
    expect([module.state, module.error.code]).toEqual(['active', 'BUNDLE_FAILED']);
    await writeVersion(8);
    await host.admin('POST', '/modules/counter/reload');
    expect((await host.admin<{ error: unknown }>('GET', '/modules/counter')).body.error).toBeNull();
  });

  it("marks a request's log lines with its id and its module", async () => {
    const id = 'request-of-a-test';
    await host.request('GET', '/api/v1/m/slow/wait?ms=1', undefined, { 'x-request-id': id });
    expect(host.log).toContainEqual(expect.objectContaining({ reqId: id, module: 'slow', msg: 'waiting' }));
  });

  it('lets a request in flight finish on the code that it began with', async () => {
    const slow = host.request('GET', '/api/v1/m/slow/wait?ms=300');
    await eventually(async () => {
      const { body } = await host.admin<{ requestsInFlight: number }>('GET', '/modules/stats');
      expect(body.requestsInFlight).toBe(1);
    });
    expect((await host.admin('POST', '/modules/slow/disable')).status).toBe(200);
    expect((await slow).status).toBe(200);
    expect((await host.request('GET', '/api/v1/m/slow/wait?ms=1')).status).toBe(404);
  });

  it('does the same call twice at once only once', async () => {
    const before = (await host.admin<{ generation: number }>('GET', '/modules/counter')).body.generation;
    const both = await Promise.all([1, 2].map(() => host.admin('POST', '/modules/counter/reload')));
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect((await host.admin<{ generation: number }>('GET', '/modules/counter')).body.generation).toBe(before + 1);
  });
});
