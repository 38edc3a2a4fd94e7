/** What was thrown, as an Error: modules may throw anything. */
export function toError(thrown: unknown): Error {
  return isError(thrown) ? thrown : new Error(`thrown: ${describe(thrown)}`, { cause: thrown });
}

/** Knows an Error of another realm too: `instanceof` does not, its shape does. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}

function describe(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
}
