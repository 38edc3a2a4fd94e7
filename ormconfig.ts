/** The data source of TypeORM's own command line: `npm run typeorm -- migration:show -d ormconfig.ts`. */
import 'reflect-metadata';
import { readDatabaseConfig } from './src/config/index.js';
import { openCommandLineDataSource } from './src/persistence/index.js';

export default await openCommandLineDataSource(readDatabaseConfig(process.env));
