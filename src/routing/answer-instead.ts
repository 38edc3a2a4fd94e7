import { type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
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
  const kept = reply.getHeaders() as OutgoingHttpHeaders;
  reply.hijack();
  const response = reply.raw;
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  answer(response, error, kept, headers);
}

/** The same for a request that was taken over as it is: what the host has set of headers is on the response already. */
export function answerRaw(response: ServerResponse, error: NestdockError, headers: OutgoingHttpHeaders = {}): void {
  const kept = response.getHeaders();
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  answer(response, error, kept, headers);
}

function answer(
  response: ServerResponse,
  error: NestdockError,
  kept: OutgoingHttpHeaders,
  headers: OutgoingHttpHeaders,
): void {
  // A write() after the end is an error event of the response, which ends the process where nobody listens.
  response.on('error', dropped);
  const body = JSON.stringify(error.toProblem());
  response.writeHead(error.status, {
    ...Object.fromEntries(Object.entries(kept).filter(([name]) => !OF_THE_ANSWER.test(name))),
    'content-type': `${PROBLEM_MEDIA_TYPE}; charset=utf-8`,
    'content-length': Buffer.byteLength(body),
    // What is left of the body is not read.
    ...(!response.req.complete && { connection: 'close' }),
    ...headers,
  });
  response.end(body);
}

const dropped = (): void => undefined;
