import { isSealed, type SecretBox } from '../common/secret-box.js';
import { didYouMean } from '../common/did-you-mean.js';
import { type InputProblem } from '../common/errors/problem.js';
import { fieldValueFlaw } from './field-value.js';
import { toPointer } from './json-pointer.js';
import { type ManifestField, type ManifestFields } from './manifest.js';

/** Values by field, as they are kept: secrets are sealed. */
export type FieldValues = Readonly<Record<string, unknown>>;

/** What is shown in place of a secret. Sent back, it leaves the secret as it is. */
export const SECRET_MASK = '********';

/** What the database's JSON cannot hold: NUL, and half of a surrogate pair. */
const UNSTORABLE = /(?<=(?<!\\)(?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/** What has become of the values that were kept, once those sent are merged into them. */
export interface MergedValues {
  readonly values: Record<string, unknown>;
  /** One for each field that is wrong; where there is one, `values` are not to be kept. */
  readonly problems: readonly InputProblem[];
}

/**
 * Merges what an operator sends into the values kept. null takes a value back, a mask leaves its secret; secrets are
 * sealed. Values of fields that there are no longer stay.
 * @param at pointer to what was sent, in the document that it came in
 */
export function mergeValues(
  fields: ManifestFields,
  kept: FieldValues,
  sent: FieldValues,
  box: SecretBox,
  at = '',
): MergedValues {
  const values: Record<string, unknown> = { ...kept };
  const problems: InputProblem[] = [];
  for (const [key, value] of Object.entries(sent)) {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    const pointer = at + toPointer([key]);
    if (!field) problems.push({ ...unknownField(key, fields), pointer });
    else if (value === null) delete values[key];
    else if (field.type !== 'password' || value !== SECRET_MASK) {
      const message = fieldValueFlaw(field, value) ?? storageFlaw(field, value);
      if (message !== undefined) problems.push({ code: 'FIELD_INVALID', pointer, message });
      else values[key] = field.type === 'password' ? box.seal(value as string, key) : value;
    }
  }
  return { values, problems };
}

/** The values as clients see them: secrets are masked, whatever stands in their place. */
export function maskSecrets(fields: ManifestFields, values: FieldValues): Record<string, unknown> {
  const shown = (key: string, value: unknown) =>
    isSealed(value) || (Object.hasOwn(fields, key) && fields[key]?.type === 'password') ? SECRET_MASK : value;
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, shown(key, value)]));
}

/**
 * The values with their secrets as the module gets them.
 * @throws {NestdockError} SECRET_UNREADABLE
 */
export function openSecrets(values: FieldValues, box: SecretBox): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, isSealed(value) ? box.open(value, key) : value]),
  );
}

function storageFlaw({ type }: ManifestField, value: unknown): string | undefined {
  // A secret is kept as base64, which can hold whatever text there is.
  if (type === 'password') return undefined;
  if (isSealed(value)) return 'must not look like a sealed secret';
  return UNSTORABLE.test(JSON.stringify(value)) ? 'must not have the character NUL, or half of one' : undefined;
}

function unknownField(key: string, fields: ManifestFields): InputProblem {
  const known = Object.keys(fields);
  const hint = didYouMean(key, known) ?? (known.length > 0 ? `the fields are ${known.join(', ')}` : 'there are none');
  return { code: 'FIELD_UNKNOWN', message: 'is no field', hint };
}
