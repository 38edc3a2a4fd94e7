/** Whether what was thrown has this `code`, as errors of Node and of its packages do. Knows errors of every realm. */
export const hasErrorCode = (thrown: unknown, code: string): boolean =>
  typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === code;
