import { type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool } from 'undici';
import { type RequestListener } from '../../kernel/index.js';
import { answerRaw, unservedModule } from '../../routing/index.js';
import { CLIENT_HEADER } from '../protocol.js';
import { ForwardedAnswer } from './forwarded-answer.js';

/** Connections that nothing has used for so long are closed; fewer milliseconds than the process keeps them. */
const KEEP_ALIVE_MS = 60_000;

/** Of one connection, and not of the message (RFC 9110, 7.6.1); `expect` was answered by the host's server. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  CLIENT_HEADER,
]);

/** Hands requests to a module's process over its Unix socket, and the answers back: streamed, both ways. */
export class RequestForwarder {
  readonly #pool: Pool;

  constructor(
    private readonly moduleName: string,
    socketPath: string,
  ) {
    this.#pool = new Pool('http://module', {
      socketPath,
      connections: null,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      // The host's own deadlines hold, and a stream may be silent for as long as it wants.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  readonly forward: RequestListener = (request, response, unmatched, { id }) => {
    const answer = new ForwardedAnswer(this.moduleName, response, unmatched);
    response.once('close', answer.abandon);
    try {
      this.#pool.dispatch(
        {
          path: request.url as string,
          method: request.method as 'GET',
          headers: forwardedHeaders(request, id),
          body: hasBody(request) ? request : null,
        },
        answer,
      );
    } catch (error) {
      answer.onResponseError(undefined, error as Error);
    }
  };

  /** Ends what is under way at once. */
  async close(reason: Error): Promise<void> {
    await this.#pool.destroy(reason);
  }
}

/** What a request gets while its module's process is being started anew. */
export const answerRestarting = (moduleName: string, response: ServerResponse): void => {
  const { error, retryAfter = 1 } = unservedModule(moduleName, 'loading');
  answerRaw(response, error, { 'retry-after': String(retryAfter) });
};

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

/** As they came, order and case included, with who has sent them. */
function forwardedHeaders({ rawHeaders, socket }: IncomingMessage, id: string): string[] {
  const headers = [CLIENT_HEADER, `${socket.remoteAddress} ${socket.remotePort} ${socket.remoteFamily} ${id}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (!HOP_BY_HOP.has(name.toLowerCase())) headers.push(name, rawHeaders[index + 1] as string);
  }
  return headers;
}
