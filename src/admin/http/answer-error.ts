import { type FastifyReply, type FastifyRequest } from 'fastify';
import { sendProblem } from '../../common/errors/send-problem.js';
import { type Logger } from '../../common/logging/logger.js';
import { codedRequestError } from './coded-request-error.js';

/** Answers a host request with the problem that it failed with. What the caller is not told goes to the log. */
export function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger): void {
  const error = codedRequestError(thrown, request.id);
  if (error.code === 'INTERNAL_ERROR') {
    logger.error({ err: error.cause ?? error, requestId: request.id, method: request.method }, 'a host request failed');
  }
  if (!reply.sent) sendProblem(reply, error.toProblem());
}
