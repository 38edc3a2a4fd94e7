/** What stands where a secret stood. */
export const REDACTED = '[redacted]';

/** Finds secrets in JSON, in the forms that they take there. */
export interface Redaction {
  readonly pattern: RegExp;
}

/** undefined where there is nothing to look for. */
export function redactionOf(secrets: readonly string[]): Redaction | undefined {
  const forms = new Set(secrets.flatMap(formsOf));
  if (forms.size === 0) return undefined;
  // The longest first: of two that begin alike, the rest of the longer one would be left.
  const alternatives = [...forms].sort((a, b) => b.length - a.length).map(escapePattern);
  return { pattern: new RegExp(alternatives.join('|'), 'g') };
}

/** As it stands in a string of JSON: plainly, as JSON within JSON, and as part of a URL. */
function formsOf(secret: string): string[] {
  const once = inJson(secret);
  return [once, inJson(once), inJson(encoded(secret))];
}

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Half of a surrogate pair cannot be part of a URL. */
const encoded = (text: string): string => encodeURIComponent(Buffer.from(text).toString());

const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** Without the secrets, and JSON still. */
export function redactJson(json: string, { pattern }: Redaction): string {
  return json.replace(pattern, (found: string, offset: number) => {
    if (isEscaped(json, offset)) return found;
    if (!isNumeric(found)) return REDACTED;
    // It may be a number of its own, such as a port or a time, and `[redacted]` is none.
    return isPartOfNumber(json, offset, offset + found.length) ? found : '0';
  });
}

/** Whether the character is the end of an escape, such as the n of a line break. */
function isEscaped(json: string, offset: number): boolean {
  let backslashes = 0;
  while (json[offset - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}

const isNumeric = (text: string): boolean => /^[-+.\deE]+$/.test(text);

const isPartOfNumber = (text: string, begin: number, end: number): boolean =>
  /\d\.?$/.test(text.slice(Math.max(0, begin - 2), begin)) || /^\.?\d/.test(text.slice(end, end + 2));
