import { type HostEvent } from '../kernel/index.js';

/** The latest events, in the order in which this host learnt of them. */
export class EventHistory {
  #events: HostEvent[] = [];

  constructor(private readonly size: number) {}

  add(event: HostEvent): void {
    this.#events.push(event);
    // Cut now and then rather than each time: a shift moves all that is left.
    if (this.#events.length > 2 * this.size) this.#events = this.#events.slice(-this.size);
  }

  /** undefined where the event that `id` names is not known, or not any more. */
  after(id: string): readonly HostEvent[] | undefined {
    const index = this.#events.findLastIndex((event) => event.id === id);
    return index < 0 ? undefined : this.#events.slice(index + 1);
  }
}
