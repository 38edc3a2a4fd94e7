import { NestdockError } from '../common/errors/nestdock-error.js';
import { fieldsSchema, type FieldsSchema, type ManifestFields, SECRET_MASK } from '../manifest/index.js';
import { type ModuleSettingsChange, type SettingChange } from '../persistence/index.js';
import { type KeptSettings } from './settings-records.js';

/** A module's settings as operators see them. */
export interface SettingsView {
  /** By field: what was set, else the manifest's default. Secrets are masked; fields without a value are absent. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly schema: FieldsSchema;
  /** Counts the changes; 0 where there was none yet. */
  readonly revision: number;
}

/** One change of a module's settings. Secrets are masked. */
export interface SettingsChangeView {
  /** Of the settings as it has left them. */
  readonly revision: number;
  /** ISO 8601. */
  readonly changedAt: string;
  /** Whose token it was. */
  readonly changedBy: string;
  readonly requestId: string | null;
  /** Address that the request came from. */
  readonly address: string | null;
  readonly changes: readonly SettingChange[];
}

export interface SettingsHistoryView {
  readonly items: readonly SettingsChangeView[];
  readonly total: number;
  readonly nextCursor: string | null;
}

export function settingsView(fields: ManifestFields, { values, revision }: KeptSettings): SettingsView {
  const shown = Object.entries(fields).flatMap(([key, field]) => {
    const value = Object.hasOwn(values, key) ? values[key] : field.default;
    if (value === undefined) return [];
    return [[key, field.type === 'password' ? SECRET_MASK : value]];
  });
  return { values: Object.fromEntries(shown) as SettingsView['values'], schema: fieldsSchema(fields), revision };
}

export function historyView(rows: readonly ModuleSettingsChange[], total: number): SettingsHistoryView {
  const last = rows.at(-1);
  return {
    items: rows.map(({ revision, changedAt, changedBy, requestId, address, changes }) => {
      return { revision, changedAt: changedAt.toISOString(), changedBy, requestId, address, changes };
    }),
    total,
    nextCursor: last && last.revision > 1 ? String(last.revision) : null,
  };
}

/**
 * The revision that a page of the history comes before.
 * @throws {NestdockError} REQUEST_INVALID where it is no cursor of ours
 */
export function parseHistoryCursor(cursor: string): number {
  if (/^[1-9]\d{0,8}$/.test(cursor)) return Number(cursor);
  const problem = {
    code: 'FIELD_INVALID',
    pointer: '/cursor',
    message: 'is no cursor',
    hint: 'send `nextCursor` of the page before',
  };
  throw new NestdockError('REQUEST_INVALID', 'the cursor is not one that this host gave out', { problems: [problem] });
}
