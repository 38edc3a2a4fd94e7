import { setTimeout as sleep } from 'node:timers/promises';
import { CLUSTER_CHANNEL, type ClusterTopic } from '../kernel/index.js';
import { type HostDatabase, Listening } from '../persistence/index.js';

/** What was not heard is found by a look after as many milliseconds. */
const LOOK_EVERY_MS = 200;

type Listener = (module: string) => void;

/** What the hosts of one database tell each other to look at. Nothing is lost with a notice: whoever waits looks again. */
export class ClusterNotices {
  readonly #listeners = new Map<ClusterTopic, Set<Listener>>();
  readonly #opened = new Set<() => void>();
  readonly #listening: Listening;
  readonly #closing = new AbortController();

  constructor(
    private readonly database: HostDatabase,
    private readonly onError: (error: unknown) => void,
  ) {
    this.#listening = new Listening(database, CLUSTER_CHANNEL, {
      onNotification: (notice) => this.#receive(notice),
      onOpen: () => this.#opened.forEach((opened) => opened()),
      onError,
    });
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  async open(): Promise<void> {
    if (this.database.kind === 'postgres') await this.#listening.open();
  }

  /** Ends all waiting. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#listening.close();
  }

  /** @param opened called whenever listening has begun, also again: what was said in between was not heard */
  onOpen(opened: () => void): void {
    this.#opened.add(opened);
  }

  /** @returns what ends it */
  on(topic: ClusterTopic, listener: Listener): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  /**
   * Looks now, at each notice of the topic on the module, and now and then, until the look finds something.
   * What a look fails with is told, and the next one waited for: the database may be back by then.
   * @param deadlineMs undefined: as long as it takes
   * @returns undefined at the deadline, and where the host stops
   */
  async until<T>(
    topic: ClusterTopic,
    module: string,
    look: () => Promise<T | undefined>,
    deadlineMs = Infinity,
  ): Promise<T | undefined> {
    const end = performance.now() + deadlineMs;
    let wake = (): void => undefined;
    const stopListening = this.on(topic, (name) => name === module && wake());
    try {
      for (;;) {
        // Made before the look, so that no notice is missed that comes during it.
        const woken = new Promise<void>((resolve) => (wake = resolve));
        const found = await this.#look(look);
        if (found !== undefined) return found;
        if (this.#closing.signal.aborted || performance.now() > end) return undefined;
        await Promise.race([woken, sleep(LOOK_EVERY_MS, undefined, { ref: false })]);
      }
    } finally {
      stopListening();
    }
  }

  async #look<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
    try {
      return await look();
    } catch (error) {
      this.onError(error);
      return undefined;
    }
  }

  #receive(notice: string): void {
    const colon = notice.indexOf(':');
    const listeners = this.#listeners.get(notice.slice(0, colon) as ClusterTopic) ?? [];
    const modules = notice.slice(colon + 1).split('\n');
    for (const module of modules) for (const listener of listeners) listener(module);
  }
}
