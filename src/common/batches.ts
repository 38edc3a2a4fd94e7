import { errorCode } from './error-code.js';

export interface BatchesOptions<Item, Outcome> {
  /** @returns the outcomes, in the order of the items. */
  readonly work: (items: readonly Item[]) => Promise<readonly Outcome[]>;
  /** Items in one batch, at most. */
  readonly most: number;
  /** Milliseconds that the first item of all waits for others; a turn of the event loop where absent. */
  readonly gatherMs?: number;
  /** Whether an item may be in one batch with those before it; where not, it begins the next. Absent: always. */
  readonly joins?: (item: Item, batch: readonly Item[]) => boolean;
}

interface Waiting<Item, Outcome> {
  readonly item: Item;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Does together what is asked for at about the same time: one batch is under way, and what comes meanwhile makes up
 * the next, in the order of asking. Under load a transaction is shared by many; alone, nobody waits for longer than
 * `gatherMs`.
 */
export class Batches<Item, Outcome> {
  readonly #waiting: Waiting<Item, Outcome>[] = [];
  #working = false;

  constructor(private readonly options: BatchesOptions<Item, Outcome>) {}

  /** Where the database refuses a batch for what one item says, each is done by itself: no other fails with it. */
  add(item: Item): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#working) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#working = true;
    await this.#gather();
    while (this.#waiting.length > 0) await this.#do(this.#next());
    this.#working = false;
  }

  #gather(): Promise<void> {
    const { gatherMs } = this.options;
    return new Promise((resolve) => {
      if (gatherMs === undefined) setImmediate(resolve);
      else setTimeout(resolve, gatherMs);
    });
  }

  #next(): Waiting<Item, Outcome>[] {
    const { most, joins = () => true } = this.options;
    const items: Item[] = [];
    for (const { item } of this.#waiting) {
      if (items.length === most || (items.length > 0 && !joins(item, items))) break;
      items.push(item);
    }
    return this.#waiting.splice(0, items.length);
  }

  async #do(batch: readonly Waiting<Item, Outcome>[]): Promise<void> {
    try {
      const outcomes = await this.options.work(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(outcomes[index] as Outcome);
    } catch (error) {
      if (batch.length > 1 && isAboutData(error)) for (const waiting of batch) await this.#do([waiting]);
      else for (const { reject } of batch) reject(error);
    }
  }
}

/** Values were refused (class 22 of SQLSTATE), or a constraint was (23). */
function isAboutData(error: unknown): boolean {
  return /^2[23]...$/.test(errorCode(error) ?? '');
}
