import { expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request as httpRequest } from 'node:http';
import { type AddressInfo } from 'node:net';
import { CLIENT_HEADER } from '../protocol.js';
import { requestIdOf, restoreClient } from './restore-client.js';

async function received(headers: readonly string[]) {
  const server = createServer((request: IncomingMessage, response) => {
    restoreClient(request);
    const { remoteAddress, remotePort, remoteFamily } = request.socket;
    const seen = {
      remoteAddress,
      remotePort,
      remoteFamily,
      id: requestIdOf(request),
      headers: request.headers,
      raw: request.rawHeaders,
    };
    response.end(JSON.stringify(seen));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const [response] = (await once(httpRequest({ port, headers: [...headers], agent: false }).end(), 'response')) as [
      IncomingMessage,
    ];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
  } finally {
    server.close();
  }
}

it('gives a request the address of its client, and its id, and takes off where they stood', async () => {
  const seen = await received([CLIENT_HEADER, '203.0.113.9 4711 IPv4 req-1', 'host', 'example.test', 'X-Own', 'kept']);
  expect(seen).toMatchObject({ remoteAddress: '203.0.113.9', remotePort: 4711, remoteFamily: 'IPv4', id: 'req-1' });
  expect(seen['headers']).toEqual({ host: 'example.test', 'x-own': 'kept', connection: 'close' });
  expect(seen['raw']).not.toContain(CLIENT_HEADER);
});

it('leaves one alone that has none', async () => {
  const seen = await received(['host', 'example.test', 'x-own', CLIENT_HEADER]);
  expect(seen).toMatchObject({ remoteAddress: '127.0.0.1', id: '', headers: { 'x-own': CLIENT_HEADER } });
});
