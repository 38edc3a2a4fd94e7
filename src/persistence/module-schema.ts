import pg from 'pg';

/** Schema of a module's own tables: `consumption-monitor` has `m_consumption_monitor`. At most 52 characters. */
export const moduleSchema = (moduleName: string): string => `m_${moduleName.replaceAll('-', '_')}`;

/** A name as SQL takes it: `"m_hello"`. */
export const quoteIdentifier = (name: string): string => pg.escapeIdentifier(name);
