import { NestdockError } from '../common/errors/nestdock-error.js';
import { type InputProblem } from '../common/errors/problem.js';
import { isSealed, type SecretBox } from '../common/secret-box.js';
import { type Release } from '../kernel/index.js';
import {
  type FieldValues,
  fieldValueFlaw,
  type ManifestField,
  type ManifestFields,
  toPointer,
} from '../manifest/index.js';

/** What a module's settings come to: the operator's values, else the manifest's defaults. */
export interface ResolvedSettings {
  /** Secrets in the clear; fields without a value are absent. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly secrets: readonly string[];
  /** One for each field that the module cannot do with; it has no value then. */
  readonly problems: readonly InputProblem[];
  /** Names of those fields. */
  readonly unresolved: readonly string[];
}

/** Takes what is kept for the fields that there are; what is kept for others is passed over. */
export function resolveSettings(fields: ManifestFields, kept: FieldValues, box: SecretBox): ResolvedSettings {
  const values: Record<string, unknown> = {};
  const secrets: string[] = [];
  const problems: InputProblem[] = [];
  const unresolved: string[] = [];
  for (const [key, field] of Object.entries(fields)) {
    const resolved = resolveField(key, field, Object.hasOwn(kept, key) ? kept[key] : undefined, box);
    if ('flaw' in resolved) {
      problems.push({ ...resolved.flaw, pointer: toPointer([key]) });
      unresolved.push(key);
    } else if (resolved.value !== undefined) values[key] = resolved.value;
    if (field.type === 'password' && typeof values[key] === 'string') secrets.push(values[key]);
  }
  return { values, secrets, problems, unresolved };
}

type Resolved = { readonly value: unknown } | { readonly flaw: Pick<InputProblem, 'code' | 'message'> };

function resolveField(key: string, field: ManifestField, kept: unknown, box: SecretBox): Resolved {
  if (kept === undefined) {
    if (field.required === true && field.default === undefined) return missing('needs a value, and has none');
    return { value: structuredClone(field.default) };
  }
  if (isSealed(kept) !== (field.type === 'password')) {
    return invalid(isSealed(kept) ? 'was kept as a secret, and is none any more' : 'is a secret now, and was none');
  }
  if (isSealed(kept) && !box.canOpen(kept, key)) return invalid('is kept as a secret that cannot be read');
  const value = isSealed(kept) ? box.open(kept, key) : kept;
  const flaw = fieldValueFlaw(field, value);
  return flaw === undefined ? { value } : invalid(`has a value that does not fit: it ${flaw}`);
}

const missing = (message: string): Resolved => ({ flaw: { code: 'FIELD_REQUIRED', message } });
const invalid = (message: string): Resolved => ({ flaw: { code: 'FIELD_INVALID', message } });

/** @throws {NestdockError} SETTINGS_INCOMPLETE with one problem for each field that the release cannot do with */
export function assertComplete(
  { name, version }: Pick<Release, 'name' | 'version'>,
  problems: readonly InputProblem[],
): void {
  if (problems.length === 0) return;
  const hint = `set it with PUT /api/v1/modules/${name}/settings`;
  const places = problems.map(({ pointer, message }) => `${pointer} ${message}`).join('; ');
  throw new NestdockError('SETTINGS_INCOMPLETE', `${name} ${version} lacks settings: ${places}`, {
    problems: problems.map((problem) => ({ ...problem, hint })),
  });
}
