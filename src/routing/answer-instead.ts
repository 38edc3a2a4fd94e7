import { type OutgoingHttpHeaders } from 'node:http';
import { type FastifyReply } from 'fastify';
import { type NestdockError } from '../common/errors/nestdock-error.js';
import { PROBLEM_MEDIA_TYPE } from '../common/errors/send-problem.js';

/** What the module may have said of its own answer, and would be wrong of this one. */
const OF_THE_ANSWER =
  /^(content-(?!security-policy).*|transfer-encoding|trailer|etag|last-modified|set-cookie|cache-control|expires|location)$/;

/**
 * Answers with a problem in the place of a module that has the request in hand and has sent nothing yet. The host's own
 * headers stay (CORS, security). Whatever the module sends later is dropped.
 */
export function answerInstead(reply: FastifyReply, error: NestdockError, headers: OutgoingHttpHeaders = {}): void {
  const response = reply.raw;
  const kept = Object.entries(reply.getHeaders()).filter(([name]) => !OF_THE_ANSWER.test(name));
  reply.hijack();
  // A write() after the end is an error event of the response, which ends the process where nobody listens.
  response.on('error', dropped);
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  const body = JSON.stringify(error.toProblem());
  response.writeHead(error.status, {
    ...(Object.fromEntries(kept) as OutgoingHttpHeaders),
    'content-type': `${PROBLEM_MEDIA_TYPE}; charset=utf-8`,
    'content-length': Buffer.byteLength(body),
    // What is left of the body is not read.
    ...(!reply.request.raw.complete && { connection: 'close' }),
    ...headers,
  });
  response.end(body);
}

const dropped = (): void => undefined;
