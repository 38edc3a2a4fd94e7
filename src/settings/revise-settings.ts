import { isDeepStrictEqual } from 'node:util';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type InputProblem } from '../common/errors/problem.js';
import { isSealed, type SecretBox } from '../common/secret-box.js';
import { type FieldValues, type ManifestFields, maskSecrets, mergeValues, toPointer } from '../manifest/index.js';
import { type SettingChange } from '../persistence/index.js';

/** Settings as they are to be kept, and what that changes; no field is in `changes` that stays as it is. */
export interface RevisedSettings {
  readonly values: Record<string, unknown>;
  /** Secrets are masked. */
  readonly changes: readonly SettingChange[];
}

export interface Revision {
  readonly fields: ManifestFields;
  /** What is kept now; secrets are sealed. */
  readonly kept: FieldValues;
  readonly sent: FieldValues;
  readonly box: SecretBox;
  /** Whether the module runs, so that it must keep what it needs. */
  readonly enabled: boolean;
}

/** @throws {NestdockError} SETTINGS_INVALID with one problem for each field that is wrong */
export function reviseSettings({ fields, kept, sent, box, enabled }: Revision): RevisedSettings {
  const { values, problems } = mergeValues(fields, kept, sent, box);
  const wrong = [...problems, ...(enabled ? clearedNeeds(fields, sent) : [])];
  if (wrong.length > 0) {
    const detail = wrong.map(({ pointer, message }) => `${pointer} ${message}`).join('; ');
    throw new NestdockError('SETTINGS_INVALID', detail, { problems: wrong });
  }
  const open = (value: unknown, key: string) =>
    isSealed(value) && box.canOpen(value, key) ? box.open(value, key) : value;
  const isNew = (key: string) => !isDeepStrictEqual(open(kept[key], key), open(values[key], key));
  const changes = Object.keys(sent)
    .filter(isNew)
    .map((field) => ({ field, old: shown(fields, kept, field), new: shown(fields, values, field) }));
  return { values, changes };
}

function clearedNeeds(fields: ManifestFields, sent: FieldValues): InputProblem[] {
  const needed = (key: string) => fields[key]?.required === true && fields[key].default === undefined;
  return Object.keys(sent)
    .filter((key) => sent[key] === null && Object.hasOwn(fields, key) && needed(key))
    .map((key) => ({
      code: 'FIELD_REQUIRED',
      pointer: toPointer([key]),
      message: 'is needed while the module is enabled',
      hint: 'set another value, or disable the module first',
    }));
}

/** null where nothing is set. */
function shown(fields: ManifestFields, values: FieldValues, field: string): unknown {
  return values[field] === undefined ? null : maskSecrets(fields, { [field]: values[field] })[field];
}
