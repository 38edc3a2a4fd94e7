import { type FastifyReply } from 'fastify';
import { type Problem } from './problem.js';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** Answers with a problem document (RFC 9457) and its status. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply.code(problem.status).header('content-type', PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
}
