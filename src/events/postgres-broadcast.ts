import { type HostEvent } from '../kernel/index.js';
import { type HostDatabase, Listening } from '../persistence/index.js';
import { type EventBroadcast, type HostEventBus } from './host-event-bus.js';

const CHANNEL = 'nestdock_events';
/** How long events are gathered: one message then carries many. */
const GATHER_MS = 50;
/** PostgreSQL takes less than 8,000 bytes. */
const LARGEST_PAYLOAD = 7_500;
/** Events of one gathering, at most: a host that makes more has the others read anew rather than swamp them. */
const MOST_EVENTS = 500;

/** Carries events between the hosts of one PostgreSQL, by NOTIFY. */
export class PostgresBroadcast implements EventBroadcast {
  #pending: HostEvent[] = [];
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();
  #listening: Listening | undefined;
  #heard = false;

  constructor(
    private readonly database: HostDatabase,
    private readonly onError: (error: unknown) => void,
  ) {}

  async listen(bus: HostEventBus): Promise<void> {
    this.#listening = new Listening(this.database, CHANNEL, {
      onNotification: (payload) => this.#receive(payload, bus),
      onOpen: () => {
        if (this.#heard) bus.reportGap();
        this.#heard = true;
      },
      onError: this.onError,
    });
    await this.#listening.open();
  }

  send(event: HostEvent): void {
    if (this.#closed) return;
    if (this.#pending.length < MOST_EVENTS) this.#pending.push(event);
    else if (this.#pending.length === MOST_EVENTS) this.#pending.push(gapBefore(event));
    this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
  }

  /** Sends what is pending, then lets go of the connection. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#flush();
    await this.#sending;
    await this.#listening?.close();
  }

  #flush(): void {
    this.#timer = undefined;
    const payloads = payloadsOf(this.#pending);
    this.#pending = [];
    if (payloads.length === 0) return;
    const sql = 'SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload';
    this.#sending = this.#sending
      .then(() => this.database.pool.query(sql, [CHANNEL, payloads]))
      .then(() => undefined, this.onError);
  }

  #receive(payload: string, bus: HostEventBus): void {
    for (const event of JSON.parse(payload) as HostEvent[]) if (!bus.isOwn(event)) bus.receive(event);
  }
}

const gapBefore = ({ id, time, host }: HostEvent): HostEvent => ({
  id: `${id}-gap`,
  type: 'events.gap',
  time,
  host,
  data: {},
});

/** Lists of events as JSON, none larger than a message may be. An event alone is far smaller. */
function payloadsOf(events: readonly HostEvent[]): string[] {
  const payloads: string[] = [];
  let texts: string[] = [];
  let size = 2;
  for (const event of events) {
    const text = JSON.stringify(event);
    const bytes = Buffer.byteLength(text) + 1;
    if (size + bytes > LARGEST_PAYLOAD && texts.length > 0) {
      payloads.push(`[${texts.join(',')}]`);
      texts = [];
      size = 2;
    }
    texts.push(text);
    size += bytes;
  }
  return texts.length > 0 ? [...payloads, `[${texts.join(',')}]`] : payloads;
}
