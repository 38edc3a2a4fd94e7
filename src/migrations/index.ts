export { MIGRATION_STATES, type MigrationState, type MigrationView } from './migration-view.js';
export { MigrationsCapability } from './migrations.capability.js';
export { MigrationsModule } from './migrations.module.js';
export { ModuleMigrations } from './module-migrations.js';
