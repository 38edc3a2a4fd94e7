import { type ServedGeneration } from './served-generation.js';

/** What each module is served by now: one record a module, replaced whole. */
export class LiveModules {
  readonly #live = new Map<string, ServedGeneration>();

  get(moduleName: string): ServedGeneration | undefined {
    return this.#live.get(moduleName);
  }

  /** @returns what takes it out again; does nothing where a later one has taken its place */
  serve(served: ServedGeneration): () => void {
    const { name } = served.generation;
    this.#live.set(name, served);
    return () => {
      if (this.#live.get(name) === served) this.#live.delete(name);
    };
  }
}

/** @param path what follows `/api/v1/m/`, decoded and without its query */
export function moduleNameIn(path: string): string {
  const end = path.indexOf('/');
  return end === -1 ? path : path.slice(0, end);
}
