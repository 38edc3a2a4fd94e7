export { EventLoopHealth, type EventLoopReport } from './event-loop-health.js';
export { VitalsModule } from './vitals.module.js';
export { type BlockedBy, Watchdog } from './watchdog.js';
