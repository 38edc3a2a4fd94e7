import { type Queryable } from './migration-records.js';

/** What `CREATE INDEX CONCURRENTLY` leaves where it fails: indexes of the schema in use that no query can rely on. */
export async function invalidIndexes(database: Queryable): Promise<string[]> {
  const rows = await database.query<{ name: string }[]>(`
    SELECT index.relname AS name
    FROM pg_catalog.pg_index JOIN pg_catalog.pg_class index ON index.oid = indexrelid
    WHERE NOT indisvalid AND index.relnamespace = to_regnamespace(quote_ident(current_schema()))
    ORDER BY 1`);
  return rows.map(({ name }) => name);
}
