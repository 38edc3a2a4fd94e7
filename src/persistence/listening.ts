import type pg from 'pg';
import { type HostDatabase } from './host-database.js';

const FIRST_RECONNECT_MS = 500;
const LONGEST_RECONNECT_MS = 30_000;

export interface ListeningOptions {
  readonly onNotification: (payload: string) => void;
  /** Called whenever listening has begun, also again: what was said in between was not heard. */
  readonly onOpen?: () => void;
  readonly onError: (error: Error) => void;
}

/** One channel, listened to again whenever the connection breaks. */
export class Listening {
  #client: pg.Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #delay = FIRST_RECONNECT_MS;
  #closed = false;

  constructor(
    private readonly database: HostDatabase,
    private readonly channel: string,
    private readonly options: ListeningOptions,
  ) {}

  async open(): Promise<void> {
    const client = await this.database.connectListener();
    this.#client = client;
    client.on('notification', ({ payload = '' }) => this.options.onNotification(payload));
    client.once('end', () => this.#reopenLater());
    await client.query(`LISTEN "${this.channel}"`);
    if (this.#closed) return this.close();
    this.#delay = FIRST_RECONNECT_MS;
    this.options.onOpen?.();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const client = this.#client;
    this.#client = undefined;
    client?.removeAllListeners('notification');
    await client?.end();
  }

  #reopenLater(): void {
    if (this.#closed) return;
    this.#retry = setTimeout(() => {
      this.open().catch((error: Error) => {
        this.options.onError(error);
        this.#reopenLater();
      });
    }, this.#delay).unref();
    this.#delay = Math.min(LONGEST_RECONNECT_MS, this.#delay * 2);
  }
}
