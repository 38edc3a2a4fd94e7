import { Module } from '@nestjs/common';
import { SettingsCapability } from './settings.capability.js';

/** Settings of modules: exports the {@link SettingsCapability} for the lifecycle. */
@Module({ providers: [SettingsCapability], exports: [SettingsCapability] })
export class SettingsModule {}
