/** One step of the way into a document: a key or an index. */
export type PointerSegment = string | number;

/** JSON pointer (RFC 6901), such as `/routes/0/path`. */
export const toPointer = (segments: readonly PointerSegment[]): string =>
  segments.map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
