import { createHash, createHmac } from 'node:crypto';
import { type DataSource, type EntityManager } from 'typeorm';
import pg from 'pg';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { moduleSchema, quoteIdentifier } from '../module-schema.js';

/** First key of the locks on roles that are being made; the second is the role's hash. */
const LOCK_CLASS = 0x6e_64_72; // "ndr"

/** Connections of a module, over all hosts and over the generations that are side by side during a reload. */
const CONNECTION_LIMIT = 60;

/** A new role may do nothing else; to say so would take rights that the host's role need not have. */
const ATTRIBUTES = `LOGIN NOINHERIT CONNECTION LIMIT ${CONNECTION_LIMIT}`;

/**
 * Name of a module's role, as SQL: roles are the server's, so the database is part of it. 62 characters at most.
 * @param module an SQL expression
 */
export const roleNameSql = (module: string): string =>
  `'nd_' || left(md5(current_database()), 8) || '_' || replace(${module}, '-', '_')`;

interface RoleState {
  readonly role: string;
  readonly found: boolean;
  /** What was said of it, see {@link markOf}. */
  readonly mark: string | null;
  readonly member: boolean;
  /** Objects in the module's schema that do not belong to the role. */
  readonly foreign: number;
}

/**
 * Makes a module's role, or brings it up to date: it may log in with this password, owns what is in the module's schema,
 * and has rights to nothing else but the records of its own migrations. The host's own role is a member of it, and so
 * loses nothing. Several hosts may do so at once.
 * @returns the role's name
 * @throws {NestdockError} MODULE_ROLE_UNAVAILABLE where the host's role may not do that
 */
export async function ensureModuleRole(
  host: DataSource,
  module: string,
  password: (role: string) => string,
): Promise<string> {
  try {
    const state = await readState(host, module);
    if (isUpToDate(state, password(state.role))) return state.role;
    return await host.transaction(async (transaction) => {
      await transaction.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [LOCK_CLASS, state.role]);
      await bringUpToDate(transaction, module, await readState(transaction, module), password(state.role));
      return state.role;
    });
  } catch (cause) {
    throw new NestdockError('MODULE_ROLE_UNAVAILABLE', `the database role of ${module} cannot be made`, { cause });
  }
}

/** Drops a module's role and all that it owns and may do; nothing where there is none. */
export async function dropModuleRole(transaction: EntityManager, module: string): Promise<void> {
  const { role, found } = await readState(transaction, module);
  if (!found) return;
  await transaction.query(`DROP OWNED BY ${quoteIdentifier(role)} CASCADE`);
  await transaction.query(`DROP ROLE ${quoteIdentifier(role)}`);
}

/** The password that every host with this key gives the role. */
export const rolePassword = (secretKey: string, role: string): string =>
  createHmac('sha256', secretKey).update(`database role\0${role}`).digest('base64url');

const isUpToDate = ({ found, mark, member, foreign }: RoleState, password: string): boolean =>
  found && mark === markOf(password) && member && foreign === 0;

/** Says which password and which rights a role was given last; it tells nothing of the password to who does not know it. */
const markOf = (password: string): string =>
  `nestdock ${createHash('sha256').update(`${ATTRIBUTES}\0${password}`).digest('hex').slice(0, 16)}`;

async function bringUpToDate(
  transaction: EntityManager,
  module: string,
  { role, found, mark, member, foreign }: RoleState,
  password: string,
): Promise<void> {
  const name = quoteIdentifier(role);
  if (!found) await transaction.query(`CREATE ROLE ${name}`);
  if (mark !== markOf(password)) {
    await transaction.query(`ALTER ROLE ${name} ${ATTRIBUTES} PASSWORD ${pg.escapeLiteral(password)}`);
    await transaction.query(`GRANT ALL ON SCHEMA ${quoteIdentifier(moduleSchema(module))} TO ${name}`);
    await transaction.query(`GRANT USAGE ON SCHEMA nestdock TO ${name}`);
    await transaction.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON nestdock.module_migration TO ${name}`);
    await transaction.query(`COMMENT ON ROLE ${name} IS ${pg.escapeLiteral(markOf(password))}`);
  }
  if (!member) await transaction.query(`GRANT ${name} TO CURRENT_USER`);
  if (foreign > 0) await transaction.query(transferSql(moduleSchema(module), role));
}

async function readState(database: Pick<DataSource, 'query'>, module: string): Promise<RoleState> {
  const [state] = await database.query<[RoleState]>(
    `SELECT name AS role, r.oid IS NOT NULL AS found, shobj_description(r.oid, 'pg_authid') AS mark,
        coalesce(pg_has_role(r.oid, 'USAGE'), false) AS member,
        (SELECT count(*)::int FROM (${FOREIGN_SQL}) o WHERE o.owner IS DISTINCT FROM r.oid) AS foreign
      FROM (SELECT ${roleNameSql('$2::text')} AS name) n LEFT JOIN pg_roles r ON r.rolname = n.name`,
    [moduleSchema(module), module],
  );
  return state;
}

/**
 * Everything in a schema that has an owner of its own, as `kind`, `name` (as ALTER takes it) and `owner`. What belongs to
 * a column or a table follows that.
 */
const FOREIGN_SQL = `
  SELECT CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
      c.oid::regclass::text AS name, relowner AS owner
    FROM pg_class c WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
        AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i') AND c.relkind = 'S')
  UNION ALL
  SELECT 'ROUTINE', p.oid::regprocedure::text, proowner FROM pg_proc p WHERE pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)
  UNION ALL
  SELECT 'TYPE', t.oid::regtype::text, typowner FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
    WHERE typnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)
      AND (typtype IN ('e', 'd', 'r') OR (typtype = 'c' AND c.relkind = 'c'))`;

const transferSql = (schema: string, role: string): string => `
  DO $transfer$
  DECLARE object record;
  BEGIN
    FOR object IN SELECT * FROM (${FOREIGN_SQL.replaceAll('$1', pg.escapeLiteral(schema))}) o
      WHERE o.owner <> ${pg.escapeLiteral(role)}::regrole
    LOOP
      EXECUTE format('ALTER %s %s OWNER TO %I', object.kind, object.name, ${pg.escapeLiteral(role)});
    END LOOP;
  END $transfer$`;
