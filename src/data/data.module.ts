import { Module } from '@nestjs/common';
import { DataCapability } from './data.capability.js';

/** Gives each module its own tables. Takes the host's database from the global `PersistenceModule`. */
@Module({ providers: [DataCapability], exports: [DataCapability] })
export class DataModule {}
