import { createHash } from 'node:crypto';

const LARGEST = 2 ** 32;

/**
 * The share of the users that a generation on trial serves on this host. The same users on every host, and others at each
 * trial: nobody is always the first to meet what is new.
 */
export class TrialShare {
  #percent = 0;

  /** @param seed names the trial */
  constructor(private readonly seed: string) {}

  get percent(): number {
    return this.#percent;
  }

  set(percent: number): void {
    this.#percent = percent;
  }

  /** @param user what tells users apart */
  has(user: string): boolean {
    if (this.#percent <= 0) return false;
    if (this.#percent >= 100) return true;
    const place = createHash('sha256').update(this.seed).update(user).digest().readUInt32BE(0);
    return (place / LARGEST) * 100 < this.#percent;
  }
}
