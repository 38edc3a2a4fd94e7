import { type Generation, type ModuleFunction } from '../kernel/index.js';

/** What a generation brings to run. */
export interface AttachedJobs {
  readonly generation: Generation;
  /** By the job's key. */
  readonly handlers: ReadonlyMap<string, ModuleFunction>;
}

/** The generations whose jobs run on this host, one a module. */
export class ServingJobs {
  readonly #modules = new Map<string, AttachedJobs>();

  get modules(): string[] {
    return [...this.#modules.keys()];
  }

  get(module: string): AttachedJobs | undefined {
    return this.#modules.get(module);
  }

  /** @returns what takes it out again; does nothing where a later generation serves. */
  serve(jobs: AttachedJobs): () => void {
    const { name } = jobs.generation;
    this.#modules.set(name, jobs);
    return () => {
      if (this.#modules.get(name) === jobs) this.#modules.delete(name);
    };
  }
}
