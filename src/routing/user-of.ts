import { type FastifyRequest } from 'fastify';

/**
 * What tells users apart: the header that the operator names, or else whom the request says it comes from. Nothing is
 * granted by it, so that it need not be true.
 */
export function userOf({ headers, ip }: FastifyRequest, userHeader: string | undefined): string {
  const named = userHeader === undefined ? undefined : headers[userHeader];
  if (named !== undefined) return String(named);
  if (headers.authorization !== undefined) return headers.authorization;
  const forwarded = headers['x-forwarded-for'];
  // A proxy that the host does not know puts its own address behind the client's.
  return forwarded === undefined ? ip : (String(forwarded).split(',')[0] ?? ip).trim();
}
