export { JobsCapability } from './jobs.capability.js';
export { JobsModule, type JobsModuleAsyncOptions, type JobsModuleOptions } from './jobs.module.js';
export { type JobPatch, JobsService, type RunPageRequest, type RunSearchRequest } from './jobs.service.js';
export { CronSchedule } from './schedule/cron-schedule.js';
export { type JobView, type LastRunView, type ListView, type RunView } from './views.js';
