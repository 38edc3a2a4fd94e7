export { EventsModule } from './events.module.js';
export { HostEventBus } from './host-event-bus.js';
