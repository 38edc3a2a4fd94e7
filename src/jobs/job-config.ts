import { isSealed, type SecretBox } from '../common/secret-box.js';
import { type InputProblem } from '../common/errors/problem.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { fieldValueFlaw, type ManifestFields } from '../manifest/index.js';

export type ConfigValues = Readonly<Record<string, unknown>>;

/** What is shown in place of a secret. Sent back, it leaves the secret as it is. */
export const SECRET_MASK = '********';

/**
 * The values a run gets: the manifest's defaults, then each layer over those before it. A layer kept from an earlier
 * version may hold what no longer fits; such a value is passed over, as an operator cannot correct it in mid-run.
 */
export function effectiveConfig(fields: ManifestFields, ...layers: (ConfigValues | null)[]): Record<string, unknown> {
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
 * The values with their secrets as the handler gets them.
 * @throws {NestdockError} SECRET_UNREADABLE
 */
export function openSecrets(config: ConfigValues, box: SecretBox): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, isSealed(value) ? box.open(value) : value]),
  );
}

/**
 * Merges what an operator sends into the values kept. null takes a value back; secrets are sealed.
 * @returns null where no value is left.
 * @throws {NestdockError} JOB_CONFIG_INVALID with a problem for each field.
 */
export function mergeOverride(
  fields: ManifestFields,
  kept: ConfigValues | null,
  sent: ConfigValues,
  box: SecretBox,
): Record<string, unknown> | null {
  const merged: Record<string, unknown> = { ...kept };
  const problems: InputProblem[] = [];
  for (const [key, value] of Object.entries(sent)) {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (!field) problems.push(unknownField(key, fields));
    else if (value === null) delete merged[key];
    else if (field.type !== 'password' || value !== SECRET_MASK) {
      const message = fieldValueFlaw(field, value);
      if (message === undefined) merged[key] = field.type === 'password' ? box.seal(value as string) : value;
      else problems.push({ code: 'JOB_CONFIG_INVALID', pointer: `/config/${key}`, message });
    }
  }
  if (problems.length > 0) {
    const detail = problems.map(({ pointer, message }) => `${pointer} ${message}`).join('; ');
    throw new NestdockError('JOB_CONFIG_INVALID', detail, { problems });
  }
  return Object.keys(merged).length > 0 ? merged : null;
}

/** The values as clients see them: secrets are masked. */
export function maskSecrets(fields: ManifestFields, config: ConfigValues): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, fields[key]?.type === 'password' ? SECRET_MASK : value]),
  );
}

function unknownField(key: string, fields: ManifestFields): InputProblem {
  const known = Object.keys(fields);
  return {
    code: 'JOB_CONFIG_INVALID',
    pointer: `/config/${key}`,
    message: 'is no field of this job',
    hint: known.length > 0 ? `The fields are ${known.join(', ')}.` : 'This job has no config.',
  };
}
