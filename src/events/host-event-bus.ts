import { randomUUID } from 'node:crypto';
import { type EventBus, type HostEvent, type HostEventData, type HostEventType } from '../kernel/index.js';
import { EventHistory } from './event-history.js';

/** Events that a client which comes back may ask for. */
const HISTORY = 1_000;

/** Hands events on to the other hosts. */
export interface EventBroadcast {
  send(event: HostEvent): void;
}

/** The events that this host knows of: its own, and those that it {@link receive}s from others. */
export class HostEventBus implements EventBus {
  readonly #history = new EventHistory(HISTORY);
  readonly #listeners = new Set<(event: HostEvent) => void>();
  /** A host may come back under the id it had. */
  readonly #prefix = randomUUID().slice(0, 8);
  #count = 0;

  constructor(
    private readonly hostId: string,
    private readonly onError: (error: unknown) => void,
    private readonly broadcast?: EventBroadcast,
  ) {}

  publish<T extends HostEventType>(type: T, data: HostEventData[T]): void {
    const event = this.#event(type, data);
    this.#spread(event);
    this.broadcast?.send(event);
  }

  /** Another host's event. */
  receive(event: HostEvent): void {
    this.#spread(event);
  }

  /** Tells this host's own listeners that events of other hosts were lost. */
  reportGap(): void {
    this.#spread(this.#event('events.gap', {}));
  }

  isOwn({ id }: HostEvent): boolean {
    return id.startsWith(`${this.#prefix}-`);
  }

  subscribe(listener: (event: HostEvent) => void, after?: string): () => void {
    if (after !== undefined) {
      const missed = this.#history.after(after) ?? [this.#event('events.gap', {})];
      for (const event of missed) listener(event);
    }
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #event<T extends HostEventType>(type: T, data: HostEventData[T]): HostEvent<T> {
    const id = `${this.#prefix}-${++this.#count}`;
    return { id, type, time: new Date().toISOString(), host: this.hostId, data };
  }

  #spread(event: HostEvent): void {
    this.#history.add(event);
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.onError(error);
      }
    }
  }
}
