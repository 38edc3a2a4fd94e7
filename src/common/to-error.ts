/** What was thrown, as an Error: modules may throw anything. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error || isForeignError(thrown)
    ? thrown
    : new Error(`thrown: ${describe(thrown)}`, { cause: thrown });
}

/** An Error of another realm: `instanceof` does not know it, its shape does. */
function isForeignError(value: unknown): value is Error {
  return Object.prototype.toString.call(value) === '[object Error]';
}

function describe(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
}
