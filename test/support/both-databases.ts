import { describe } from '@jest/globals';
import pg from 'pg';
import { describeOnPostgres, makePostgresDatabase } from './database.js';

export interface DatabaseForHost {
  /** What makes a host use it, on top of its own environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Hosts that share a database serve the releases that it keeps: without them, they take their folders as they are. */
  forgetReleases(): Promise<void>;
  remove(): Promise<void>;
}

/** The same tests on the embedded database and on PostgreSQL. */
export function describeOnBothDatabases(name: string, tests: (make: () => Promise<DatabaseForHost>) => void): void {
  describe(`${name}, embedded`, () =>
    tests(() =>
      Promise.resolve({ env: {}, forgetReleases: () => Promise.resolve(), remove: () => Promise.resolve() }),
    ));
  describeOnPostgres(`${name}, on PostgreSQL`, () =>
    tests(async () => {
      const place = await makePostgresDatabase();
      return {
        env: { DATABASE_URL: place.url },
        async forgetReleases() {
          const client = new pg.Client({ connectionString: place.url });
          await client.connect();
          await client.query('DELETE FROM nestdock.module_release');
          await client.end();
        },
        remove: () => place.remove(),
      };
    }),
  );
}
