import { Module } from '@nestjs/common';
import { MigrationsCapability } from './migrations.capability.js';
import { ModuleMigrations } from './module-migrations.js';

/** Runs and shows the migrations of modules. Takes the host's database from the global `PersistenceModule`. */
@Module({ providers: [MigrationsCapability, ModuleMigrations], exports: [MigrationsCapability, ModuleMigrations] })
export class MigrationsModule {}
