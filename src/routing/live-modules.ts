import { type TrialShare } from '../kernel/index.js';
import { type ServedGeneration } from './served-generation.js';
import { SplitGeneration } from './split-generation.js';

/** What each module is served by now: one record a module, replaced whole. */
export class LiveModules {
  readonly #live = new Map<string, ServedGeneration | SplitGeneration>();

  get(moduleName: string): ServedGeneration | SplitGeneration | undefined {
    return this.#live.get(moduleName);
  }

  /** What serves all users, or those that are in no trial. */
  main(moduleName: string): ServedGeneration | undefined {
    const live = this.#live.get(moduleName);
    return live instanceof SplitGeneration ? live.main : live;
  }

  /** @returns what takes it out again; does nothing where a later one has taken its place */
  serve(served: ServedGeneration): () => void {
    const { name } = served.generation;
    this.#live.set(name, served);
    return () => {
      if (this.main(name) === served) this.#live.delete(name);
    };
  }

  /**
   * Gives a generation on trial its share of the users.
   * @returns what gives all back to the one that serves; does nothing where that has been replaced
   */
  split(trial: ServedGeneration, share: TrialShare, userHeader: string | undefined): () => void {
    const { name } = trial.generation;
    const main = this.main(name);
    if (!main) throw new Error(`${name} does not serve`);
    const split = new SplitGeneration(main, trial, share, userHeader);
    this.#live.set(name, split);
    return () => {
      if (this.#live.get(name) === split) this.#live.set(name, main);
    };
  }
}

/** @param path what follows `/api/v1/m/`, decoded and without its query */
export function moduleNameIn(path: string): string {
  const end = path.indexOf('/');
  return end === -1 ? path : path.slice(0, end);
}
