import { requestInvalid } from './request.pipe.js';

/**
 * The revision that `If-Match` asks for; undefined where any will do.
 * @throws {NestdockError} REQUEST_INVALID
 */
export function readIfMatch(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const [, revision] = /^"(\d{1,9})"$/.exec(header.trim()) ?? [];
  if (revision !== undefined) return Number(revision);
  const message = 'If-Match must be the ETag that the last answer had, or *';
  throw requestInvalid([{ code: 'FIELD_INVALID', pointer: '', message, hint: 'send such as "7", quotes included' }]);
}

/** The entity tag of what has this revision. */
export const etagOf = (revision: number): string => `"${revision}"`;
