import { type DataSource } from 'typeorm';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { quoteIdentifier } from '../module-schema.js';

/** First key of the locks on schemas that are being made; the second is the schema's hash. Any number nobody else uses. */
const LOCK_CLASS = 0x6e_64_73; // "nds"

/**
 * Makes a module's schema where there is none. Of two hosts that do so at once, one makes it and the other finds it. Where
 * it is there, the right to make one is not needed.
 * @throws {NestdockError} MODULE_SCHEMA_UNAVAILABLE
 */
export async function ensureModuleSchema(host: DataSource, schema: string): Promise<void> {
  try {
    if (await exists(host, schema)) return;
    await host.transaction(async (transaction) => {
      await transaction.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [LOCK_CLASS, schema]);
      if (!(await exists(transaction, schema))) await transaction.query(`CREATE SCHEMA ${quoteIdentifier(schema)}`);
    });
  } catch (cause) {
    throw new NestdockError('MODULE_SCHEMA_UNAVAILABLE', `The schema ${schema} is not there and cannot be made.`, {
      cause,
    });
  }
}

/** As the catalogue has it: `to_regnamespace` would not tell a schema that the role may not look into. */
async function exists(database: Pick<DataSource, 'query'>, schema: string): Promise<boolean> {
  const sql = 'SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1) AS found';
  const [row] = await database.query<{ found: boolean }[]>(sql, [schema]);
  return row?.found === true;
}
