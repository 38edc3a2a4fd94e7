export { ConfigModule } from './config.module.js';
export { type Environment } from './environment-reader.js';
export { HOST_CONFIG, type HostConfig } from './host-config.js';
export { type DatabaseConfig, readConfig, readDatabaseConfig } from './read-config.js';
