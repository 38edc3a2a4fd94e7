import { validate as isUuid } from 'uuid';
import { NestdockError } from '../common/errors/nestdock-error.js';

export interface PagePosition {
  readonly scheduledAt: Date;
  readonly id: string;
}

/** Names the last row of a page; the next page begins after it. Opaque to clients. */
export function pageCursor({ scheduledAt, id }: PagePosition): string {
  return Buffer.from(`${scheduledAt.toISOString()} ${id}`).toString('base64url');
}

/** @throws {NestdockError} REQUEST_INVALID where it is no cursor of ours. */
export function parsePageCursor(cursor: string): PagePosition {
  const [time = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split(' ');
  const scheduledAt = new Date(time);
  if (!Number.isNaN(scheduledAt.getTime()) && isUuid(id)) return { scheduledAt, id };
  throw new NestdockError('REQUEST_INVALID', 'the cursor is not one that this host gave out', {
    problems: [
      {
        code: 'REQUEST_INVALID',
        pointer: '/cursor',
        message: 'is no cursor',
        hint: 'Send `nextCursor` of the page before.',
      },
    ],
  });
}
