/** Commits rows to the database in the folder it is given, and writes a byte for each, until it is killed. */
import { writeSync } from 'node:fs';
import { HostDatabase } from '../../src/persistence/host-database.js';

const database = await HostDatabase.open({ databaseUrl: undefined, dataDir: process.argv[2] ?? '' });
await database.pool.query('CREATE TABLE committed (number int)');
for (let number = 0; ; number++) {
  await database.pool.query('INSERT INTO committed VALUES ($1)', [number]);
  writeSync(1, '.');
}
