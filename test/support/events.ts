/** For specs of folders that know events by their interface only. */
export { EventsModule, HostEventBus } from '../../src/events/index.js';
