import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { HOST_DATABASE, type HostDatabase, Listening } from '../persistence/index.js';
import { SettingsBoard } from './settings-board.js';
import { SETTINGS_CHANNEL } from './settings-records.js';

/** A notice may be lost where a connection breaks: nobody's settings are older than this. */
const LOOK_EVERY_MS = 10_000;

/** Learns of what other hosts have changed: at once by notice, and by a look now and then. An embedded database has none. */
@Injectable()
export class SettingsWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #listening: Listening;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(HOST_DATABASE) private readonly database: HostDatabase,
    private readonly board: SettingsBoard,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#listening = new Listening(database, SETTINGS_CHANNEL, {
      onNotification: (module) => this.#refresh([module]),
      onOpen: () => this.#refresh(),
      onError: this.#report,
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.database.kind === 'embedded') return;
    await this.#listening.open();
    this.#timer = setInterval(() => this.#refresh(), LOOK_EVERY_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#listening.close();
  }

  #refresh(modules?: readonly string[]): void {
    this.board.refresh(modules).catch(this.#report);
  }

  readonly #report = (err: unknown): void => this.logger.error({ err }, 'Settings could not be read anew');
}
