import { describe } from '@jest/globals';
import { describeOnPostgres, makePostgresDatabase } from './database.js';

export interface DatabaseForHost {
  /** What makes a host use it, on top of its own environment. */
  readonly env: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/** The same tests on the embedded database and on PostgreSQL. */
export function describeOnBothDatabases(name: string, tests: (make: () => Promise<DatabaseForHost>) => void): void {
  describe(`${name}, embedded`, () => tests(() => Promise.resolve({ env: {}, remove: () => Promise.resolve() })));
  describeOnPostgres(`${name}, on PostgreSQL`, () =>
    tests(async () => {
      const place = await makePostgresDatabase();
      return { env: { DATABASE_URL: place.url }, remove: () => place.remove() };
    }),
  );
}
