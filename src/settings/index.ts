export { SettingsBoard } from './settings-board.js';
export { type SettingsAuthor } from './settings-records.js';
export { type SettingsChangeView, type SettingsHistoryView, type SettingsView } from './setting-views.js';
export { SettingsCapability } from './settings.capability.js';
export { SettingsModule } from './settings.module.js';
export { type SettingsHistoryRequest, SettingsService } from './settings.service.js';
