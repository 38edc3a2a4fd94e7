/** Schema of the host's own tables: `public` stays the user's. The migrations have the name written out. */
export const HOST_SCHEMA = 'nestdock';

/** Table in {@link HOST_SCHEMA} with the names of the migrations that were applied. */
export const MIGRATION_TABLE = 'migration';
