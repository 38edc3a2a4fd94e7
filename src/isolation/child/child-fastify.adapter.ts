import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { type Logger } from '../../common/logging/logger.js';
import { UNMATCHED_HEADER } from '../protocol.js';
import { requestIdOf, restoreClient } from './restore-client.js';

type NotFoundHandler = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** The host keeps connections for a minute: whoever closes first must be the host. */
const KEEP_ALIVE_MS = 600_000;

/** Takes requests from the host, each as the client has sent it. What nothing answers is the host's to answer. */
export class ChildFastifyAdapter extends FastifyAdapter {
  constructor(logger: Logger) {
    super({
      loggerInstance: logger,
      logController: new LogController({ disableRequestLogging: true }),
      requestIdHeader: false,
      // All answers are out by then; a connection that the host has opened and never used would hold up the end.
      forceCloseConnections: true,
      genReqId: requestIdOf,
      serverFactory: (handle: (request: IncomingMessage, response: ServerResponse) => void) => {
        // Without limits of time: the host has its own, and ends what it has given up.
        const options = {
          keepAliveTimeout: KEEP_ALIVE_MS,
          requestTimeout: 0,
          headersTimeout: 0,
          maxHeaderSize: 64 * 1024,
        };
        return createServer(options, (request: IncomingMessage, response) => {
          restoreClient(request);
          handle(request, response);
        });
      },
    });
  }

  override setNotFoundHandler(_handler: NotFoundHandler): ReturnType<FastifyAdapter['setNotFoundHandler']> {
    return super.setNotFoundHandler((_request: FastifyRequest, reply: FastifyReply) => {
      void reply.code(404).header(UNMATCHED_HEADER, '1').send();
    });
  }
}
