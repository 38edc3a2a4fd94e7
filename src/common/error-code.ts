/** The `code` of what was thrown, as errors of Node, of its packages and of the database have it. Knows errors of every realm. */
export function errorCode(thrown: unknown): string | undefined {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

export const hasErrorCode = (thrown: unknown, code: string): boolean => errorCode(thrown) === code;
