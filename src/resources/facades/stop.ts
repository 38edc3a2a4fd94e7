import { type Ledger, type Resource } from '../ledger.js';
import { type ResourceKind } from '../resource-kinds.js';

/**
 * Stops one call of Node's that takes a signal. What such a call has promised never comes then, as a callback never comes
 * whose timer was cleared: code that waits in a loop must not be woken, not even to be told, or it would go round and
 * round without waiting.
 */
export class Stop implements Resource {
  readonly #own = new AbortController();
  readonly #pass = () => this.#own.abort(this.theirs?.reason);
  #leave: (() => void) | undefined;
  #stopped = false;

  /** @param theirs the signal that the module has given, which goes on stopping the call as it would */
  constructor(
    readonly kind: ResourceKind,
    private readonly theirs: AbortSignal | undefined,
    readonly madeAt?: Error,
  ) {}

  get signal(): AbortSignal {
    return this.#own.signal;
  }

  isAlive(): boolean {
    return this.#leave !== undefined;
  }

  end(): void {
    this.#stopped = true;
    this.#own.abort();
  }

  /** To be called before the work begins; again does nothing. */
  begin(ledger: Ledger): void {
    if (this.#leave) return;
    this.theirs?.addEventListener('abort', this.#pass, { once: true });
    this.#leave = ledger.enter(this);
  }

  /** @param isOver whether nothing comes after this result */
  async during<T>(work: Promise<T>, isOver: (result: T) => boolean = () => true): Promise<T> {
    try {
      const result = await work;
      if (isOver(result)) this.#over();
      return this.#stopped ? await never() : result;
    } catch (error) {
      this.#over();
      if (this.#stopped) return never();
      throw error;
    }
  }

  #over(): void {
    this.theirs?.removeEventListener('abort', this.#pass);
    this.#leave?.();
    this.#leave = undefined;
  }
}

/** The signal among what a call of Node's is given. */
export interface Stoppable {
  readonly signal: AbortSignal | undefined;
  /** The arguments, with another signal. */
  readonly with: (signal: AbortSignal) => unknown[];
}

/**
 * @param optionsAt place of the options among the arguments
 * @returns undefined where Node refuses the options, or has nothing to begin: it says so better itself
 */
export function stoppable(args: unknown[], optionsAt: number): Stoppable | undefined {
  const given = args[optionsAt] ?? {};
  if (args[optionsAt] === null || typeof given !== 'object') return undefined;
  const signal: unknown = Reflect.get(given, 'signal');
  if (signal !== undefined && !(isSignal(signal) && !signal.aborted)) return undefined;
  return {
    signal,
    with(own) {
      const changed = Array.from({ length: Math.max(args.length, optionsAt + 1) }, (_, index) => args[index]);
      changed[optionsAt] = Object.create(given, { signal: { value: own, enumerable: true } });
      return changed;
    },
  };
}

/** One for each that waits: a promise keeps all that waits for it. */
const never = (): Promise<never> => new Promise(() => undefined);

function isSignal(value: unknown): value is AbortSignal {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value;
}
