import { withDeadline } from '../common/deadline.js';
import { type ResourceKind } from './resource-kinds.js';

/** One thing that a module has made. */
export interface Resource {
  readonly kind: ResourceKind;
  /** Made where the resource was, so that its stack tells; missing for what is made too often for that. */
  readonly madeAt?: Error | undefined;
  /** False once it has ended by itself, or the module has ended it. */
  isAlive(): boolean;
  end(): void | Promise<void>;
}

/** What was left when a ledger was closed. */
export interface Remains {
  readonly left: readonly Resource[];
  /** What could not be ended, and why. */
  readonly failures: readonly Error[];
}

/** Milliseconds that ending one resource may take. */
const END_TIMEOUT_MS = 2_000;

/** Dead entries that are kept at the least, so that few entries are not gone through again and again. */
const SLACK = 8;

/**
 * What one generation has made and not ended yet. Nobody tells it of what has ended: that would take listeners which the
 * module sees. It looks by itself, each time that it has grown by a quarter.
 */
export class Ledger {
  readonly #entries = new Set<Resource>();
  #sweepAt = SLACK;
  #closed = false;

  /** @param owner named to code that goes on once it is gone, such as `hello@3` */
  constructor(private readonly owner: string) {}

  get isClosed(): boolean {
    return this.#closed;
  }

  /** How many entries it holds, those included that have ended since it last looked. */
  get size(): number {
    return this.#entries.size;
  }

  /** To be asked before anything is made that is not ended as easily as a timer. @throws AbortError once it is closed */
  assertOpen(): void {
    if (this.#closed) throw new DOMException(`${this.owner} was unloaded`, 'AbortError');
  }

  /** Once it is closed, what comes is ended at once. @returns what takes the entry out */
  enter(resource: Resource): () => void {
    if (this.#closed) void resource.end();
    else this.#add(resource);
    return () => void this.#entries.delete(resource);
  }

  /** Ends all that is left, each on its own: one that fails or hangs keeps no other from being ended. */
  async close(): Promise<Remains> {
    this.#closed = true;
    const left = [...this.#entries].filter((resource) => resource.isAlive());
    this.#entries.clear();
    const outcomes = await Promise.all(left.map((resource) => endInTime(resource)));
    return { left, failures: outcomes.filter((failure) => failure !== undefined) };
  }

  #add(resource: Resource): void {
    if (this.#entries.size >= this.#sweepAt) this.#sweep();
    this.#entries.add(resource);
  }

  #sweep(): void {
    for (const entry of this.#entries) if (!entry.isAlive()) this.#entries.delete(entry);
    this.#sweepAt = this.#entries.size * 1.25 + SLACK;
  }
}

/** What can be ended at once is. @returns what it failed with */
async function endInTime(resource: Resource): Promise<Error | undefined> {
  try {
    const ending = resource.end();
    if (ending) await withDeadline(ending, END_TIMEOUT_MS, () => new Error(`it took over ${END_TIMEOUT_MS} ms`));
    return undefined;
  } catch (cause) {
    return new Error(`ending one of its ${resource.kind} failed`, { cause });
  }
}
