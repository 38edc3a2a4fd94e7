import { type ManifestField } from './manifest.js';
import { type MatchPattern, matchPattern } from './match-pattern.js';
import { quote } from './wording.js';

/**
 * What is wrong with a value for a field, as the end of a sentence: `must be a number`. undefined where nothing is.
 * The field itself must be sound. A `json` field takes whatever JSON can say.
 */
export function fieldValueFlaw(
  field: ManifestField,
  value: unknown,
  match: MatchPattern = matchPattern,
): string | undefined {
  switch (field.type) {
    case 'string':
    case 'password':
      return typeof value === 'string' ? textFlaw(field, value, match) : 'must be a string';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? rangeFlaw(field, value) : 'must be a number';
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'must be true or false';
    case 'select':
      return optionFlaw(field, value);
    case 'json':
      return undefined;
  }
}

/** The values of a `select` field. */
export const optionValues = (field: ManifestField): (string | number)[] =>
  (field.options ?? []).map((option) => (typeof option === 'object' ? option.value : option));

function textFlaw({ min, max, pattern }: ManifestField, text: string, matches: MatchPattern): string | undefined {
  // As people count: an emoji is one character, not two.
  const length = [...text].length;
  if (min !== undefined && length < min) return `must be at least ${min} characters long`;
  if (max !== undefined && length > max) return `must be at most ${max} characters long`;
  if (pattern === undefined) return undefined;
  const match = matches(pattern, text);
  if (match === 'too-slow') return `takes too long to be matched with ${quote(pattern)}`;
  return match ? undefined : `must match ${quote(pattern)}`;
}

function rangeFlaw({ min, max }: ManifestField, number: number): string | undefined {
  if (min !== undefined && number < min) return `must be at least ${min}`;
  if (max !== undefined && number > max) return `must be at most ${max}`;
  return undefined;
}

function optionFlaw(field: ManifestField, value: unknown): string | undefined {
  const values = optionValues(field);
  if (values.some((option) => option === value)) return undefined;
  return `must be one of ${values.map((option) => quote(String(option))).join(', ')}`;
}
