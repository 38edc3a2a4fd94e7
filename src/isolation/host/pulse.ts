/** How often the host looks. */
export const LOOK_MS = 250;

/**
 * Whether a process is alive, by its beats. Time is counted in looks: a host that was blocked, or a machine that slept,
 * has not looked, and holds nothing against the process.
 */
export class Pulse {
  #missed = 0;

  /** @param patience milliseconds without a beat after which the process counts as stuck */
  constructor(private patience: number) {}

  beat(): void {
    this.#missed = 0;
  }

  /** To be called every {@link LOOK_MS}. @returns whether the process is stuck */
  look(): boolean {
    this.#missed++;
    return this.#missed * LOOK_MS > this.patience;
  }

  /** Something else is asked of the process now. */
  expect(patience: number): void {
    this.patience = patience;
    this.#missed = 0;
  }
}
