import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { type Answer, TestHost } from './support/test-host.js';

const NEST = '/api/v1/m/limits-nest';
const PLUGIN = '/api/v1/m/limits-plugin';
const ROUTES = '/api/v1/m/limits-routes';
const RATE = '/api/v1/m/limits-rate';

/** Holds the handlers of `limits-routes` until the test lets them go. */
class Gate {
  readonly held: ServerResponse[] = [];
  #most = 0;
  readonly #server = createServer((_request, response) => {
    this.held.push(response);
    this.#most = Math.max(this.#most, this.held.length);
  });

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Handlers that were held at the same time. */
  get most(): number {
    return this.#most;
  }

  async open(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  letGo(): void {
    for (const response of this.held.splice(0)) response.end();
  }

  async close(): Promise<void> {
    this.letGo();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

describe('limits of modules', () => {
  let host: TestHost;
  const gate = new Gate();

  beforeAll(async () => {
    await gate.open();
    const modules = ['limits-nest', 'limits-plugin', 'limits-routes', 'limits-rate'];
    host = await TestHost.start({ modules, env: { DRAIN_TIMEOUT_MS: '2000' } });
    for (const name of modules) expect((await host.admin('POST', `/modules/${name}/enable`)).status).toBe(200);
  });
  afterAll(async () => {
    await gate.close();
    await host.dispose();
  });

  const stats = async () =>
    (await host.admin<{ requestsInFlight: number; generations: number }>('GET', '/modules/stats')).body;
  const hold = () => host.request('GET', `${ROUTES}/hold?gate=${gate.url}`);
  const reload = async (name: string) => expect((await host.admin('POST', `/modules/${name}/reload`)).status).toBe(200);

  /** Sends a body in chunks, without telling its length. */
  async function upload(path: string, type: string, chunks: readonly string[]): Promise<Answer<string>> {
    const request = httpRequest(host.url + path, { method: 'POST', headers: { 'content-type': type } });
    const answered = once(request, 'response') as Promise<[IncomingMessage]>;
    request.on('error', () => undefined); // the host may close before the last chunk has left
    for (const chunk of chunks) request.write(chunk);
    request.end();
    const [response] = await answered;
    let body = '';
    for await (const chunk of response) body += String(chunk);
    return { status: response.statusCode ?? 0, headers: new Headers(), body };
  }

  describe('the deadline of a request', () => {
    it.each([
      ['a Nest route', 'GET', `${NEST}/hang?late=answer`, undefined],
      ['a Nest route that throws late', 'GET', `${NEST}/hang?late=throw`, undefined],
      ['a Nest route that sends late', 'GET', `${NEST}/hang?late=send`, undefined],
      ['a Nest route that writes raw bytes late', 'GET', `${NEST}/hang?late=raw`, undefined],
      ['a Nest route with a body', 'POST', `${NEST}/hang`, { late: 'answer' }],
      ['a plugin', 'GET', `${PLUGIN}/hang`, undefined],
      ['a plugin with a body that throws late', 'POST', `${PLUGIN}/hang`, { some: 'body' }],
    ])('answers 504 for %s, and tells its signal', async (_, method, path, body) => {
      const id = `${method} ${path}`;
      const answer = await host.request(method, path, body, { 'x-asked': id });
      expect([answer.status, answer.body.code]).toEqual([504, 'REQUEST_TIMEOUT']);
      expect(answer.headers.get('content-type')).toMatch('application/problem+json');
      expect(answer.headers.get('etag')).toBeNull();
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      const module = path.startsWith(NEST) ? NEST : PLUGIN;
      await eventually(async () => {
        expect((await host.request('GET', `${module}/aborted`)).body).toContain(`${id}: REQUEST_TIMEOUT`);
      });
      expect((await host.request('GET', `${module}/quick`)).body).toEqual({ quick: true });
    });

    it('answers 504 for middleware that never goes on', async () => {
      const answer = await host.request('GET', `${NEST}/quick?in=middleware`);
      expect([answer.status, answer.body.code]).toEqual([504, 'REQUEST_TIMEOUT']);
    });

    it('logs it with the module', async () => {
      await host.request('GET', `${NEST}/hang?late=answer`, undefined, { 'x-request-id': 'logged' });
      const line = { reqId: 'logged', module: 'limits-nest', code: 'REQUEST_TIMEOUT', method: 'GET' };
      expect(host.log).toContainEqual(expect.objectContaining(line));
    });

    it('is not told to a handler whose body has been read and whose client waits', async () => {
      const answer = await host.request('POST', `${NEST}/echo`, { some: 'body' });
      expect(answer.body).toEqual({ body: { some: 'body' }, aborted: false });
    });

    it('leaves an answer alone that has begun', async () => {
      const answer = await host.request<string>('GET', `${NEST}/events`);
      expect(answer.status).toBe(200);
      expect(answer.body).toContain('{"n":7}');
    });

    it('tells the signal of a client that has left', async () => {
      const leaving = new AbortController();
      const id = 'left';
      const gone = fetch(`${host.url}${NEST}/hang?late=answer`, {
        signal: leaving.signal,
        headers: { 'x-asked': id },
      });
      await eventually(async () => expect((await stats()).requestsInFlight).toBe(1));
      leaving.abort();
      await expect(gone).rejects.toThrow();
      await eventually(async () => {
        // The code of an AbortError.
        expect((await host.request('GET', `${NEST}/aborted`)).body).toContain(`${id}: 20`);
      });
    });

    it.each([
      ['a Nest route', 'limits-nest', `${NEST}/hang?late=never`],
      ['a plugin', 'limits-plugin', `${PLUGIN}/never`],
    ])('lets others go on, and a reload wait for the handler of %s as for any other', async (_, name, path) => {
      const quick = async () => (await host.request('GET', `/api/v1/m/${name}/quick`)).status;
      const hanging = [1, 2, 3].map(() => host.request('GET', path));
      await eventually(async () => expect((await stats()).requestsInFlight).toBe(3));
      expect(await quick()).toBe(200);
      await reload(name);
      expect(await quick()).toBe(200);
      expect((await Promise.all(hanging)).map(({ status }) => status)).toEqual([504, 504, 504]);
      expect(await stats()).toMatchObject({ requestsInFlight: 3, generations: 5 });
      await eventually(async () => expect(await stats()).toMatchObject({ requestsInFlight: 0, generations: 4 }));
    });
  });

  describe('places and a queue', () => {
    it('has two of fifty requests in progress, three waiting, and turns the others away', async () => {
      const answers: Answer<Record<string, unknown>>[] = [];
      const all = Promise.all(Array.from({ length: 50 }, () => hold().then((answer) => answers.push(answer))));
      await eventually(() => expect([answers.length, gate.held.length]).toEqual([45, 2]));
      expect(answers.every(({ status, body }) => status === 503 && body.code === 'MODULE_BUSY')).toBe(true);
      expect(answers.every(({ headers }) => headers.get('retry-after') === '1')).toBe(true);
      expect((await host.request('GET', `${NEST}/quick`)).status).toBe(200);
      while (answers.length < 50) {
        await eventually(() => expect(gate.held.length + answers.length - 45).toBeGreaterThan(0));
        gate.letGo();
        await eventually(() => expect(gate.held.length > 0 || answers.length === 50).toBe(true));
      }
      await all;
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
      expect(gate.most).toBe(2);
    });

    it('gives the place in the queue of a client that has left to another', async () => {
      const held = [hold(), hold()];
      await eventually(() => expect(gate.held).toHaveLength(2));
      const leaving = new AbortController();
      const waiting = [1, 2, 3].map(() => fetch(`${host.url}${ROUTES}/quick`, { signal: leaving.signal }));
      const outcome = Promise.allSettled(waiting);
      await eventually(async () => expect((await stats()).requestsInFlight).toBe(5));
      expect((await host.request('GET', `${ROUTES}/quick`)).status).toBe(503);
      leaving.abort();
      expect((await outcome).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      await eventually(async () => expect((await stats()).requestsInFlight).toBe(2));
      const next = host.request('GET', `${ROUTES}/quick`);
      await eventually(async () => expect((await stats()).requestsInFlight).toBe(3));
      gate.letGo();
      expect((await next).status).toBe(200);
      expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200]);
    });

    it('gives a new generation places of its own, while the old one drains with its queue', async () => {
      const held = [hold(), hold()];
      await eventually(() => expect(gate.held).toHaveLength(2));
      const waiting = host.request('GET', `${ROUTES}/quick`);
      await eventually(async () => expect((await stats()).requestsInFlight).toBe(3));
      await reload('limits-routes');
      expect((await host.request('GET', `${ROUTES}/quick`)).status).toBe(200);
      expect((await stats()).generations).toBe(5);
      gate.letGo();
      expect((await Promise.all([...held, waiting])).map(({ status }) => status)).toEqual([200, 200, 200]);
      await eventually(async () => expect(await stats()).toMatchObject({ requestsInFlight: 0, generations: 4 }));
    });
  });

  describe('the size of a body', () => {
    const small = 'x'.repeat(400);

    it.each([
      ['a Nest route', `${NEST}/echo`],
      ['a plugin', `${PLUGIN}/json`],
      ['a path the module does not have', `${NEST}/none`],
    ])('is refused as announced, by %s', async (_, path) => {
      const answer = await host.request('POST', path, { text: 'x'.repeat(2000) });
      expect([answer.status, answer.body.code]).toEqual([413, 'BODY_TOO_LARGE']);
      expect(answer.body.detail).toContain('1000 bytes');
    });

    it.each([
      ['a Nest route', `${NEST}/echo`, 'application/json'],
      ['a plugin', `${PLUGIN}/json`, 'application/json'],
      ['a plugin that streams', `${PLUGIN}/stream`, 'application/octet-stream'],
    ])('is refused as it comes in, by %s', async (_, path, type) => {
      const answer = await upload(path, type, ['"', small, small, small, small, '"']);
      expect([answer.status, (JSON.parse(answer.body) as { code: unknown }).code]).toEqual([413, 'BODY_TOO_LARGE']);
      expect((await upload(path, type, ['"', small, small, '"'])).status).toBeLessThan(300);
    });
  });

  it('a rate is limited, and a reload is no way around it', async () => {
    expect((await host.request('GET', `${RATE}/quick`)).status).toBe(200);
    const first = await host.request('GET', `${RATE}/quick`);
    expect([first.status, first.body.code]).toEqual([429, 'RATE_LIMITED']);
    expect(Number(first.headers.get('retry-after'))).toBeGreaterThan(5);
    await reload('limits-rate');
    expect((await host.request('GET', `${RATE}/quick`)).status).toBe(429);
    expect((await host.request('GET', `${NEST}/quick`)).status).toBe(200);
  });
});
