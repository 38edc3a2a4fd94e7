import { crashPointTests } from './support/crash-points.js';
import { describeOnPostgres, makePostgresDatabase } from './support/database.js';

describeOnPostgres('a host that is killed, on PostgreSQL, in the middle of', () =>
  crashPointTests(makePostgresDatabase),
);
