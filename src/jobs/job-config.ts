import { isSealed, type SecretBox } from '../common/secret-box.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type FieldValues, fieldValueFlaw, type ManifestFields, mergeValues } from '../manifest/index.js';

/**
 * The values a run gets: the manifest's defaults, then each layer over those before it. A layer kept from an earlier
 * version may hold what no longer fits; such a value is passed over, as an operator cannot correct it in mid-run.
 */
export function effectiveConfig(fields: ManifestFields, ...layers: (FieldValues | null)[]): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(fields)) {
    const fits = (value: unknown) =>
      field.type === 'password' && isSealed(value) ? true : fieldValueFlaw(field, value) === undefined;
    const candidates = [
      field.default,
      ...layers.map((layer) => (layer && Object.hasOwn(layer, key) ? layer[key] : undefined)),
    ];
    const value = candidates.findLast((candidate) => candidate !== undefined && fits(candidate));
    if (value !== undefined) config[key] = value;
  }
  return config;
}

/**
 * Merges what an operator sends into the values kept. null takes a value back; secrets are sealed.
 * @returns null where no value is left.
 * @throws {NestdockError} JOB_CONFIG_INVALID with a problem for each field.
 */
export function mergeOverride(
  fields: ManifestFields,
  kept: FieldValues | null,
  sent: FieldValues,
  box: SecretBox,
): Record<string, unknown> | null {
  const { values, problems } = mergeValues(fields, kept ?? {}, sent, box, '/config');
  if (problems.length > 0) {
    const detail = problems.map(({ pointer, message }) => `${pointer} ${message}`).join('; ');
    throw new NestdockError('JOB_CONFIG_INVALID', detail, { problems });
  }
  return Object.keys(values).length > 0 ? values : null;
}
