import { type IncomingMessage } from 'node:http';
import { CLIENT_HEADER } from '../protocol.js';

const kId = Symbol('request id');

interface SentRequest extends IncomingMessage {
  [kId]?: string;
}

/** Gives a request the client's address in place of the host's, and takes off what the host has written for that. */
export function restoreClient(request: SentRequest): void {
  const { rawHeaders, socket } = request;
  const place = rawHeaders.findIndex((name, index) => index % 2 === 0 && name === CLIENT_HEADER);
  if (place === -1) return;
  const [address = '', port = '', family = '', id = ''] = (rawHeaders[place + 1] ?? '').split(' ');
  rawHeaders.splice(place, 2);
  delete request.headers[CLIENT_HEADER];
  request[kId] = id;
  define(socket, 'remoteAddress', address);
  define(socket, 'remotePort', Number(port));
  define(socket, 'remoteFamily', family);
}

/** What the host knows the request by. */
export const requestIdOf = (request: SentRequest): string => request[kId] ?? '';

/** One connection carries the requests of many clients, one after another. */
function define(socket: object, name: string, value: unknown): void {
  Object.defineProperty(socket, name, { value, configurable: true });
}
