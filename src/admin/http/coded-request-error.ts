import { HttpException } from '@nestjs/common';
import { type ErrorCode } from '../../common/errors/catalogue.js';
import { NestdockError } from '../../common/errors/nestdock-error.js';

/** Fastify's own codes of what can be wrong with a request. */
const FASTIFY_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'BODY_MALFORMED',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'BODY_MALFORMED',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'BODY_MALFORMED',
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'MEDIA_TYPE_UNSUPPORTED',
};

const STATUS_CODES: Readonly<Record<number, ErrorCode>> = {
  404: 'ROUTE_NOT_FOUND',
  413: 'BODY_TOO_LARGE',
  415: 'MEDIA_TYPE_UNSUPPORTED',
};

/**
 * What a request to the host failed with, as a coded error. Only what is the caller's to know is told: whatever is not
 * known to be about the request becomes an INTERNAL_ERROR that names the request alone.
 */
export function codedRequestError(thrown: unknown, requestId: string): NestdockError {
  if (thrown instanceof NestdockError) return thrown;
  const code = requestErrorCode(thrown);
  if (code) return new NestdockError(code, messageOf(thrown), { cause: thrown });
  return new NestdockError('INTERNAL_ERROR', `Request ${requestId} failed`, {
    cause: thrown,
    extensions: { requestId },
  });
}

function requestErrorCode(thrown: unknown): ErrorCode | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  const known = 'code' in thrown && typeof thrown.code === 'string' ? FASTIFY_CODES[thrown.code] : undefined;
  if (known) return known;
  const status = statusOf(thrown);
  if (status === undefined || status < 400 || status >= 500) return undefined;
  return STATUS_CODES[status] ?? 'REQUEST_INVALID';
}

function statusOf(thrown: object): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  return 'statusCode' in thrown && typeof thrown.statusCode === 'number' ? thrown.statusCode : undefined;
}

const messageOf = (thrown: unknown): string =>
  typeof thrown === 'object' && thrown !== null && 'message' in thrown ? String(thrown.message) : String(thrown);
