import { type EntityManager } from 'typeorm';
import { isSealed, type SecretBox } from '../../common/secret-box.js';

/** Where secrets stand in the database: values by field, in a `jsonb` column. */
interface SealedColumn {
  /** Of the box that they are sealed with. */
  readonly purpose: string;
  readonly table: string;
  readonly id: string;
  readonly column: string;
  /** SQL of the box's scope, as `text[]`. */
  readonly scope: string;
}

export const SEALED_COLUMNS: readonly SealedColumn[] = [
  {
    purpose: 'settings',
    table: 'nestdock.module_settings',
    id: 'module',
    column: 'values',
    scope: 'ARRAY[t.module]',
  },
  {
    purpose: 'jobs',
    table: 'nestdock.job',
    id: 'id',
    column: 'config_override',
    scope: 'ARRAY[t.module, t.key]',
  },
  {
    purpose: 'jobs',
    table: 'nestdock.run',
    id: 'id',
    column: 'config',
    scope: 'ARRAY[t.module, (SELECT key FROM nestdock.job WHERE id = t.job_id)]',
  },
];

const SEALED = `@? '$.* ? (exists(@.sealed) && exists(@.box))'`;

export async function hasSecrets(transaction: EntityManager): Promise<boolean> {
  const found = SEALED_COLUMNS.map(({ table, column }) => `EXISTS (SELECT FROM ${table} WHERE "${column}" ${SEALED})`);
  const [row] = await transaction.query<[{ found: boolean }]>(`SELECT ${found.join(' OR ')} AS found`);
  return row.found;
}

export interface ResealReport {
  resealed: number;
  /** Secrets that no key opens: they stay as they are. */
  unreadable: number;
}

/** Seals every secret that an older key has sealed with the key that seals now, in the transaction under way. */
export async function reseal(transaction: EntityManager, box: (purpose: string) => SecretBox): Promise<ResealReport> {
  const report: ResealReport = { resealed: 0, unreadable: 0 };
  for (const { purpose, table, id, column, scope } of SEALED_COLUMNS) {
    const rows = await transaction.query<SealedRow[]>(
      `SELECT t.${id}::text AS id, t."${column}" AS values, ${scope} AS scope
       FROM ${table} t WHERE t."${column}" ${SEALED} FOR UPDATE OF t`,
    );
    for (const row of rows) {
      const values = resealValues(row.values, box(purpose).within(...row.scope), report);
      if (values)
        await transaction.query(`UPDATE ${table} SET "${column}" = $2 WHERE ${id}::text = $1`, [row.id, values]);
    }
  }
  return report;
}

interface SealedRow {
  readonly id: string;
  readonly values: Record<string, unknown>;
  readonly scope: readonly string[];
}

/** @returns undefined where all of them are as they should be. */
function resealValues(
  values: Readonly<Record<string, unknown>>,
  box: SecretBox,
  report: ResealReport,
): Record<string, unknown> | undefined {
  const resealed: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(values)) {
    if (!isSealed(value) || box.isCurrent(value)) continue;
    if (box.canOpen(value, field)) resealed[field] = box.seal(box.open(value, field), field);
    else report.unreadable++;
  }
  const count = Object.keys(resealed).length;
  report.resealed += count;
  return count > 0 ? { ...values, ...resealed } : undefined;
}
