import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { eventually } from './support/eventually.js';
import { HostProcess } from './support/host-process.js';

const SECRET = 'hush-hush-token';

interface Line {
  readonly msg: string;
  readonly module?: string;
  readonly reqId?: string;
  readonly fault?: string;
  readonly generation?: number;
  readonly at?: string;
  readonly err?: { readonly message: string; readonly stack: string };
}

/** Asks a module all the while, up to the first answer that is not 200. */
class Bystander {
  answered = 0;
  readonly failures: string[] = [];
  #running = true;
  readonly #ended: Promise<void>;

  constructor(private readonly url: string) {
    this.#ended = this.#poll();
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#ended;
  }

  async #poll(): Promise<void> {
    while (this.#running && this.failures.length === 0) {
      try {
        const { status } = await fetch(this.url);
        if (status === 200) this.answered++;
        else this.failures.push(String(status));
      } catch (error) {
        this.failures.push(String(error));
      }
    }
  }
}

describe('a module that fails', () => {
  let host: HostProcess;
  let bystander: Bystander | undefined;
  beforeAll(async () => {
    host = await HostProcess.start({ modules: ['faulty-inline', 'slow'], env: { QUARANTINE_CRASHES: '0' } });
    for (const name of ['faulty-inline', 'slow']) {
      expect(await host.admin('POST', `/modules/${name}/enable`)).toMatchObject({ status: 200 });
    }
    await host.admin('PUT', '/modules/faulty-inline/settings', { token: SECRET });
    bystander = new Bystander(`${host.url}/api/v1/m/slow/wait?ms=1`);
  });
  afterAll(async () => {
    await bystander?.stop();
    await host.dispose();
  });

  const fail = (way: string) =>
    fetch(`${host.url}/api/v1/m/faulty-inline/fail/${way}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': `of-${way}` },
      body: '{}',
    });
  const lines = (): Line[] =>
    host.output.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Line] : []));
  const faults = () => lines().filter(({ fault }) => fault !== undefined);
  const count = async () => {
    const { body } = await host.admin<{ faults: Record<string, number> }>('GET', '/modules/stats');
    return body.faults;
  };

  it.each([
    ['timer', 'exception', 'timer', 'fail.ts:29:'],
    ['promise', 'rejection', 'promise', 'fail.ts:29:'],
    ['emitter', 'exception', 'emitter', 'fail.ts:12:'],
    ['stream', 'exception', 'stream', 'fail.ts:29:'],
    ['tick', 'exception', 'tick', 'fail.ts:29:'],
    ['text', 'exception', "thrown: 'only text'", undefined],
    ['circular', 'exception', 'count: 1n', undefined],
    ['socket', 'exception', 'ECONNREFUSED', undefined],
    ['late-exit', 'refused-call', 'process.exit()', undefined],
  ])('in a way such as "%s" is named, and nobody else is hurt', async (way, fault, message, at) => {
    const before = (await count())['faulty-inline'] ?? 0;
    expect((await fail(way)).status).toBe(200);
    await eventually(() => expect(faults().map((line) => line.reqId)).toContain(`of-${way}`));
    const line = faults().find(({ reqId }) => reqId === `of-${way}`);
    expect(line).toMatchObject({ module: 'faulty-inline', generation: 1, fault });
    expect(line?.err?.message).toContain(message);
    expect(line?.at).toEqual(at && expect.stringContaining(at));
    expect(line?.err?.stack).toContain(at ?? '');
    expect(await count()).toEqual({ 'faulty-inline': before + 1 });
  });

  it.each(['exit', 'abort', 'kill', 'chdir'])('by process.%s() is refused, and told so', async (way) => {
    expect((await fail(way)).status).toBe(500);
    await eventually(() => expect(faults().map(({ reqId }) => reqId)).toContain(`of-${way}`));
    const line = faults().find(({ reqId }) => reqId === `of-${way}`);
    expect(line).toMatchObject({
      module: 'faulty-inline',
      fault: 'refused-call',
      err: { message: `process.${way}()` },
    });
    expect(line?.at).toMatch(/fail\.ts:\d+:/);
  });

  it('with an error that cannot be shown is named all the same', async () => {
    await fail('hostile');
    await eventually(() => expect(faults().map(({ reqId }) => reqId)).toContain('of-hostile'));
  });

  it('with a secret in its error shows none of it', async () => {
    await fail('secret');
    await eventually(() => expect(faults().map(({ err }) => err?.message)).toContain('it is [redacted]'));
    expect(host.output).not.toContain(SECRET);
  });

  it('after its job has ended is named', async () => {
    const { body } = await host.admin<{ items: { id: string }[] }>('GET', '/jobs?module=faulty-inline');
    expect(await host.admin('POST', `/jobs/${body.items[0]?.id}/run`)).toMatchObject({ status: 202 });
    await eventually(() => expect(faults().map(({ err }) => err?.message)).toContain('after the job'));
  });

  it('leaves no listener on the process once it is gone', async () => {
    await fail('listener');
    expect(await host.admin('POST', '/modules/faulty-inline/reload')).toMatchObject({ status: 200 });
    const left = { module: 'faulty-inline', generation: 1, events: ['SIGUSR2'] };
    await eventually(() => expect(lines()).toContainEqual(expect.objectContaining(left)));
  });

  it('marks what the logger of Nest writes on its behalf', async () => {
    await fetch(`${host.url}/api/v1/m/faulty-inline/log`, { headers: { 'x-request-id': 'of-log' } });
    const line = { msg: 'by the logger of Nest', context: 'Faulty', module: 'faulty-inline', reqId: 'of-log' };
    await eventually(() => expect(lines()).toContainEqual(expect.objectContaining(line)));
  });

  it('has not cost the bystander one request', async () => {
    await bystander?.stop();
    expect(bystander?.failures).toEqual([]);
    expect(bystander?.answered).toBeGreaterThan(50);
    expect((await count())['slow']).toBeUndefined();
  });
});

describe('a fault of the host itself', () => {
  let host: HostProcess;
  beforeAll(async () => {
    const preload = pathToFileURL(join(import.meta.dirname, 'support', 'fail-on-signal.js'));
    host = await HostProcess.start({ modules: ['slow'], env: { NODE_OPTIONS: `--import ${preload.href}` } });
    await host.admin('POST', '/modules/slow/enable');
  });
  afterAll(() => host.dispose());

  it('ends it once what is in flight has been answered, with a last word', async () => {
    const slow = fetch(`${host.url}/api/v1/m/slow/wait?ms=700`);
    await eventually(() => expect(host.output).toContain('"ms":700'));
    process.kill(host.pid as number, 'SIGUSR2');
    expect((await slow).status).toBe(200);
    expect(await host.ended()).toBe(1);
    expect(host.output).toContain('The host failed, and no module can be blamed for it');
    expect(host.output).toContain('a flaw of the host');
  });
});
