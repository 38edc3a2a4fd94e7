interface Waiting<Holder> {
  readonly holder: Holder;
  readonly enter: () => void;
  readonly turnAway: (reason: Error) => void;
}

/** Lets one holder through at a time, in the order of asking. A holder that is inside may ask again: it is let in at once. */
export class Turnstile<Holder> {
  #inside: Holder | undefined;
  #waiting: Waiting<Holder>[] = [];

  get waiting(): number {
    return this.#waiting.length;
  }

  isInside(holder: Holder): boolean {
    return this.#inside === holder;
  }

  /** @throws what {@link turnAway} was given, where the holder was turned away while it waited. */
  async enter(holder: Holder): Promise<void> {
    if (this.#inside === holder) return;
    if (this.#inside === undefined) {
      this.#inside = holder;
      return;
    }
    await new Promise<void>((enter, turnAway) => this.#waiting.push({ holder, enter, turnAway }));
  }

  /** Lets the next one in. Does nothing where the holder is not inside. */
  leave(holder: Holder): void {
    if (this.#inside !== holder) return;
    const next = this.#waiting.shift();
    this.#inside = next?.holder;
    next?.enter();
  }

  /** Takes the holder out of the line. */
  turnAway(holder: Holder, reason: Error): void {
    const gone = this.#waiting.filter((waiting) => waiting.holder === holder);
    this.#waiting = this.#waiting.filter((waiting) => waiting.holder !== holder);
    for (const waiting of gone) waiting.turnAway(reason);
  }
}
