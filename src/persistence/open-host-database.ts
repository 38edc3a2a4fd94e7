import { HostDatabase, type HostDatabaseOptions } from './host-database.js';
import { migrate } from './migrate.js';

/** Opens the host's database with its schema up to date. Where that fails, the database is closed again. */
export async function openHostDatabase(options: HostDatabaseOptions): Promise<HostDatabase> {
  const database = await HostDatabase.open(options);
  try {
    await migrate(database.pool);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}
