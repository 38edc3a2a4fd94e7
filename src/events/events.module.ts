import { type BeforeApplicationShutdown, Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { hostId } from '../common/host-id.js';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { EVENT_BUS } from '../kernel/index.js';
import { HOST_DATABASE, type HostDatabase } from '../persistence/index.js';
import { HostEventBus } from './host-event-bus.js';
import { PostgresBroadcast } from './postgres-broadcast.js';

/** null where the database is embedded, and this host the only one. */
const BROADCAST = Symbol('EventBroadcast');

const report = (logger: Logger) => (err: unknown) => logger.error({ err }, 'Events could not be spread');

/** Gives all of the host its {@link EVENT_BUS}, on the database of `PersistenceModule`. */
@Module({})
export class EventsModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(EVENT_BUS) private readonly bus: HostEventBus,
    @Inject(BROADCAST) private readonly broadcast: PostgresBroadcast | null,
  ) {}

  static forRoot() {
    return {
      module: EventsModule,
      global: true,
      providers: [
        {
          provide: BROADCAST,
          inject: [HOST_DATABASE, LOGGER],
          useFactory: (database: HostDatabase, logger: Logger) =>
            database.kind === 'postgres' ? new PostgresBroadcast(database, report(logger)) : null,
        },
        {
          provide: EVENT_BUS,
          inject: [BROADCAST, LOGGER],
          useFactory: (broadcast: PostgresBroadcast | null, logger: Logger) =>
            new HostEventBus(hostId(), report(logger), broadcast ?? undefined),
        },
      ],
      exports: [EVENT_BUS],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.broadcast?.listen(this.bus);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.broadcast?.close();
  }
}
