export { SettingsCapability } from './settings.capability.js';
export { SettingsModule } from './settings.module.js';
