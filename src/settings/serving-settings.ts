import { Injectable } from '@nestjs/common';
import { type Generation, type Release } from '../kernel/index.js';

/** Which release of each module serves on this host: operators set what that one knows. */
@Injectable()
export class ServingSettings {
  readonly #serving = new Map<string, Generation>();

  /** @returns what ends it; does nothing where a later generation serves already. */
  serve(generation: Generation): () => void {
    const { name } = generation;
    this.#serving.set(name, generation);
    return () => {
      if (this.#serving.get(name) === generation) this.#serving.delete(name);
    };
  }

  get(name: string): Release | undefined {
    return this.#serving.get(name)?.release;
  }
}
