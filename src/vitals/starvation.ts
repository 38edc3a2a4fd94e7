/** A second in which the event loop was held up for longer says that the host is starved. */
const STARVED_MS = 500;
/** So many such seconds in a row make it so, and so many others end it: one long task does not. */
const SECONDS = 3;

/** Whether the host has too little of the processor to answer in time, by how long the event loop was held up each second. */
export class Starvation {
  #isStarved = false;
  #streak = 0;

  get isStarved(): boolean {
    return this.#isStarved;
  }

  /** @param longestMs that the loop was held up in the second that has passed */
  sample(longestMs: number): void {
    const isHeldUp = longestMs >= STARVED_MS;
    this.#streak = isHeldUp === this.#isStarved ? 0 : this.#streak + 1;
    if (this.#streak < SECONDS) return;
    this.#isStarved = isHeldUp;
    this.#streak = 0;
  }
}
