export { DatabaseHealth, type DatabaseHealthReport } from './database-health.js';
export * from './entities/index.js';
export { borrowedDriver } from './borrowed-driver.js';
export { openCommandLineDataSource } from './command-line-data-source.js';
export { hostDataSourceOptions } from './host-data-source.js';
export { HostDatabase, type HostDatabaseOptions } from './host-database.js';
export { openHostDatabase } from './open-host-database.js';
export { PersistenceModule } from './persistence.module.js';
export { HOST_DATA_SOURCE, HOST_DATABASE, HOST_POOL } from './tokens.js';
