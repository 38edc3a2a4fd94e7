import { type Generation, trialFlaw, type TrialPlan, type TrialShare, type TrialTally } from '../kernel/index.js';

/** The trial of one module on this host: its share, and what it has done with it. */
export class DockedTrial {
  #errors = 0;
  #detail: string | null = null;

  /** @param rollout id of the one that it is part of */
  constructor(
    readonly rollout: string,
    private readonly plan: TrialPlan,
    private readonly generation: Generation,
    private readonly share: TrialShare,
  ) {}

  get tally(): TrialTally {
    return { requests: this.generation.inFlight.requestsBegun, errors: this.#errors, detail: this.#detail };
  }

  /** Nobody else meets what is bad already, even where no other host can be told. */
  fail(detail: string): void {
    this.#errors++;
    this.#detail = detail;
    if (this.#isFlawed()) this.share.set(0);
  }

  /** @param percent as the host that leads the rollout says */
  give(percent: number): void {
    this.share.set(this.#isFlawed() ? 0 : percent);
  }

  #isFlawed(): boolean {
    return trialFlaw(this.tally, this.plan) !== undefined;
  }
}
