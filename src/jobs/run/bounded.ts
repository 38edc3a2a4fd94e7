import { toError } from '../../common/to-error.js';

const LARGEST_RESULT = 64 * 1024;
const LARGEST_FIELDS = 4 * 1024;
const PREVIEW = 1_000;

/** JSON without what must not be kept. */
type RedactJson = (json: string) => string;

/** The text, cut off with a mark where it is longer. PostgreSQL keeps no NUL in JSON, so NULs go. */
export function boundedText(text: string, longest: number): string {
  const clean = text.replaceAll('\u0000', '');
  return clean.length > longest ? `${clean.slice(0, longest)}… (${clean.length} characters)` : clean;
}

/**
 * What a handler returned, as JSON that a row can hold. Where it is too large or is no JSON, a note stands in its
 * place: `{ truncated: true, bytes, preview }` or `{ unserializable: true, reason }`.
 * @param redactJson takes out of JSON what must not be kept
 */
export function boundedResult(result: unknown, redactJson: RedactJson): unknown {
  return bounded(result, LARGEST_RESULT, redactJson);
}

export function boundedFields(
  fields: Readonly<Record<string, unknown>>,
  redactJson: RedactJson,
): Readonly<Record<string, unknown>> {
  return bounded(fields, LARGEST_FIELDS, redactJson) as Readonly<Record<string, unknown>>;
}

function bounded(value: unknown, largest: number, redactJson: RedactJson): unknown {
  let json: string | undefined;
  try {
    json = JSON.stringify(value, withoutNul);
  } catch (thrown) {
    return { unserializable: true, reason: boundedText(toError(thrown).message, PREVIEW) };
  }
  if (json === undefined) return null;
  json = redactJson(json);
  const bytes = Buffer.byteLength(json);
  if (bytes > largest) return { truncated: true, bytes, preview: boundedText(json, PREVIEW) };
  return JSON.parse(json);
}

const withoutNul = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? value.replaceAll('\u0000', '') : value;
