import { type FastifyReply } from 'fastify';
import { type Problem } from '../errors/problem.js';

/** Answers with a problem document (RFC 9457) and its status. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply.code(problem.status).type('application/problem+json').send(problem);
}
