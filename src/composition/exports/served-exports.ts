import { type Generation } from '../../kernel/index.js';
import { type ExportedProviders } from './exported-providers.js';

/** What one generation exports. */
export interface Offer {
  readonly generation: Generation;
  readonly providers: ExportedProviders;
}

export interface ServedExport {
  readonly generation: Generation;
  readonly instance: object;
}

/** What one module exports on this host: by the generation that serves, and by those that are attached. */
export class ServedExports {
  #serving: Offer | undefined;
  readonly #attached = new Set<Offer>();
  #waiting: (() => void)[] = [];

  get serving(): Offer | undefined {
    return this.#serving;
  }

  /** What serves, and what is about to. */
  get upcoming(): readonly Offer[] {
    return [...this.#attached];
  }

  get isEmpty(): boolean {
    return this.#attached.size === 0 && this.#serving === undefined && this.#waiting.length === 0;
  }

  attach(offer: Offer): void {
    this.#attached.add(offer);
  }

  detach(offer: Offer): void {
    this.#attached.delete(offer);
  }

  /** @returns what takes it out again; does nothing where a later one has taken its place */
  serve(offer: Offer): () => void {
    this.#serving = offer;
    for (const resume of this.#waiting.splice(0)) resume();
    return () => {
      this.#attached.delete(offer);
      if (this.#serving === offer) this.#serving = undefined;
    };
  }

  /** Resolves as soon as a generation serves. */
  async next(): Promise<void> {
    if (this.#serving) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
