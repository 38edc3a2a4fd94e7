import { Module } from '@nestjs/common';
import { ServingSettings } from './serving-settings.js';
import { SettingFields } from './setting-fields.js';
import { SettingsBoard } from './settings-board.js';
import { SettingsRecords } from './settings-records.js';
import { SettingsWatch } from './settings-watch.js';
import { SettingsCapability } from './settings.capability.js';
import { SettingsService } from './settings.service.js';

/** Settings of modules: the {@link SettingsService} for operators, and the {@link SettingsCapability} for the lifecycle. */
@Module({
  providers: [
    ServingSettings,
    SettingFields,
    SettingsBoard,
    SettingsRecords,
    SettingsWatch,
    SettingsCapability,
    SettingsService,
  ],
  exports: [SettingsBoard, SettingsCapability, SettingsService],
})
export class SettingsModule {}
