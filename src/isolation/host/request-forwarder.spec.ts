import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import {
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type RequestListener,
  type Server,
} from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLIENT_HEADER, UNMATCHED_HEADER } from '../protocol.js';
import { RequestForwarder } from './request-forwarder.js';

let folder: string;
let host: Server;
let child: Server;
let forwarder: RequestForwarder;
let answer: RequestListener;
let unmatched: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nestdock-'));
  child = createServer((request, response) => answer(request, response)).listen(join(folder, 'http'));
  forwarder = new RequestForwarder('meter', join(folder, 'http'));
  unmatched = 0;
  host = createServer((request, response) => {
    response.setHeader('x-of-the-host', 'yes');
    const onUnmatched = () => {
      unmatched++;
      response.writeHead(404).end('of the host');
    };
    forwarder.forward(request, response, onUnmatched, {
      id: 'req-1',
      signal: new AbortController().signal,
      running: undefined,
    });
  }).listen(0, '127.0.0.1');
  await Promise.all([once(host, 'listening'), once(child, 'listening')]);
});

afterEach(async () => {
  await forwarder.close(new Error('the test is over'));
  for (const server of [host, child]) {
    server.closeAllConnections();
    server.close();
  }
  await rm(folder, { recursive: true });
});

const port = () => (host.address() as AddressInfo).port;

function open(path: string, options: { method?: string; headers?: Record<string, string> } = {}) {
  return httpRequest({ port: port(), path, agent: false, ...options });
}

async function ask(path: string, options: { method?: string; headers?: Record<string, string> } = {}, body?: string) {
  const [response] = (await once(open(path, options).end(body), 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

describe('a request that is forwarded', () => {
  it('comes as it was sent, with who has sent it', async () => {
    let raw: readonly string[] = [];
    answer = (request, response) => {
      raw = request.rawHeaders;
      text(request).then(
        (body) => response.end(`${request.method} ${request.url} ${body}`),
        () => undefined,
      );
    };
    const headers = { 'X-Case': 'Kept', TE: 'trailers', cookie: 'a=1; b=2' };
    const { status, body } = await ask('/a%20b?c=d&c=e', { method: 'PATCH', headers }, 'words');
    expect([status, body]).toEqual([200, 'PATCH /a%20b?c=d&c=e words']);
    expect(raw[raw.indexOf(CLIENT_HEADER) + 1]).toMatch(/^127\.0\.0\.1 \d+ IPv4 req-1$/);
    expect(raw).toEqual(expect.arrayContaining(['X-Case', 'Kept', 'cookie', 'a=1; b=2', `localhost:${port()}`]));
    expect(raw.map((each) => each.toLowerCase())).not.toContain('te');
  });

  it('cannot say of itself who has sent it', async () => {
    let raw: readonly string[] = [];
    answer = (request, response) => void response.end(String((raw = request.rawHeaders).length));
    await ask('/', { headers: { [CLIENT_HEADER]: '203.0.113.9 1 IPv4 forged' } });
    expect(raw.filter((name) => name === CLIENT_HEADER)).toHaveLength(1);
    expect(raw.join(' ')).not.toContain('forged');
  });

  it('streams its body', async () => {
    const got: string[] = [];
    answer = (request, response) => {
      request.setEncoding('utf8').on('data', (chunk: string) => got.push(chunk));
      request.on('end', () => response.end('done'));
    };
    const request = open('/', { method: 'POST' });
    request.write('first');
    while (got.length === 0) await sleep(5);
    expect(got).toEqual(['first']);
    const responded = once(request, 'response');
    request.end('second');
    const [response] = (await responded) as [IncomingMessage];
    expect([await text(response), got.join('')]).toEqual(['done', 'firstsecond']);
  });
});

describe('an answer that is forwarded', () => {
  it('has the status, the words and the headers of the module, and those of the host', async () => {
    answer = (_request, response) => {
      response.writeHead(
        418,
        'Short and stout',
        [
          ['Set-Cookie', 'a=1'],
          ['Set-Cookie', 'b=2'],
          ['X-Own', 'yes'],
        ].flat(),
      );
      response.end('tea');
    };
    const { status, headers, body } = await ask('/');
    expect([status, body]).toEqual([418, 'tea']);
    expect(headers).toMatchObject({ 'set-cookie': ['a=1', 'b=2'], 'x-own': 'yes', 'x-of-the-host': 'yes' });
  });

  it('shows its head before its first byte, as streams of events need', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
    };
    const [response] = (await once(open('/').end(), 'response')) as [IncomingMessage];
    expect(response.headers['content-type']).toBe('text/event-stream');
    response.destroy();
  });

  it('goes no faster than the client takes it', async () => {
    let written = 0;
    answer = (_request, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const write = (): void => {
        while (written < 512) {
          written++;
          if (!response.write(chunk)) return void response.once('drain', write);
        }
        response.end();
      };
      write();
    };
    const [response] = (await once(open('/').end(), 'response')) as [IncomingMessage];
    let before = -1;
    while (before !== written) {
      before = written;
      await sleep(100);
    }
    expect(written).toBeLessThan(512);
    let bytes = 0;
    for await (const chunk of response) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(512 * 64 * 1024);
  });

  it('is told where the client leaves', async () => {
    const left = new Promise<void>((resolve) => {
      answer = (_request, response) => {
        response.on('close', resolve);
        response.write('begun');
      };
    });
    const [response] = (await once(open('/').end(), 'response')) as [IncomingMessage];
    response.destroy();
    await left;
  });

  it('is the host 404 where nothing of the module matches', async () => {
    answer = (_request, response) => void response.writeHead(404, { [UNMATCHED_HEADER]: '1' }).end();
    const { status, body, headers } = await ask('/');
    expect([status, body, unmatched]).toEqual([404, 'of the host', 1]);
    expect(headers).not.toHaveProperty(UNMATCHED_HEADER);
  });
});

describe('where the process ends', () => {
  it('answers 502 to what had no answer yet, at once and all of it', async () => {
    let open = 0;
    answer = () => void open++;
    const asked = Array.from({ length: 10 }, () => ask('/'));
    while (open < 10) await sleep(5);
    child.closeAllConnections();
    for (const { status, headers, body } of await Promise.all(asked)) {
      expect(status).toBe(502);
      expect(headers).toMatchObject({
        'content-type': 'application/problem+json; charset=utf-8',
        'x-of-the-host': 'yes',
      });
      expect(JSON.parse(body)).toMatchObject({ code: 'MODULE_CRASHED', status: 502 });
    }
  });

  it('cuts off an answer that has begun', async () => {
    answer = (_request, response) => void response.write('half');
    const [response] = (await once(open('/').end(), 'response')) as [IncomingMessage];
    await once(response, 'data');
    child.closeAllConnections();
    await expect(text(response)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('answers 502 where nobody listens', async () => {
    child.close();
    expect((await ask('/')).status).toBe(502);
  });
});
