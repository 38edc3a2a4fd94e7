import { type IncomingMessage } from 'node:http';
import { CLIENT_HEADER } from '../protocol.js';

const kId = Symbol('request id');

interface SentRequest extends IncomingMessage {
  [kId]?: string;
}

/**
 * Gives a request the client's address in place of the host's, and takes off what the host has written for that. To be
 * called before anybody reads the headers: Node makes them of the raw ones when they are first asked for.
 */
export function restoreClient(request: SentRequest): void {
  const { rawHeaders, socket } = request;
  // The host has put it first.
  if (rawHeaders[0] !== CLIENT_HEADER) return;
  const [address = '', port = '', family = '', id = ''] = (rawHeaders[1] ?? '').split(' ');
  rawHeaders.splice(0, 2);
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
