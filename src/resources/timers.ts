import { type Resource } from './ledger.js';

/** What Node's timers say of themselves, beside what is documented: whether they have fired or were cleared. */
interface Destroyable {
  readonly _destroyed: boolean;
}

export type Timer = NodeJS.Timeout & Destroyable;
export type Immediate = NodeJS.Immediate & Destroyable;

/** One that has fired counts as ended, though `refresh()` can start it anew. */
export class TimerResource implements Resource {
  readonly kind = 'timers';

  constructor(
    private readonly timer: Timer,
    readonly madeAt?: Error,
  ) {}

  isAlive(): boolean {
    return !this.timer._destroyed;
  }

  end(): void {
    clearTimeout(this.timer);
  }
}

export class ImmediateResource implements Resource {
  readonly kind = 'timers';

  constructor(private readonly immediate: Immediate) {}

  isAlive(): boolean {
    return !this.immediate._destroyed;
  }

  end(): void {
    clearImmediate(this.immediate);
  }
}
