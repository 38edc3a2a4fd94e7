import { Injectable } from '@nestjs/common';
import { type Undo } from '../common/undo-stack.js';
import { type Capability, type Generation, type TrialShare } from '../kernel/index.js';
import { ModuleRouter } from './module-router.js';
import { type ServedGeneration } from './served-generation.js';

/** A generation's routes: a table built beside the one that serves, then put in its place whole. */
@Injectable()
export class RoutingCapability implements Capability {
  readonly name = 'routing';
  readonly #served = new Map<Generation, ServedGeneration>();

  constructor(private readonly router: ModuleRouter) {}

  attach(generation: Generation): Undo {
    const served = this.router.attach(generation);
    this.#served.set(generation, served);
    return () => {
      this.#served.delete(generation);
      this.router.detach(served);
    };
  }

  serve(generation: Generation): () => void {
    return this.router.serve(this.#attached(generation));
  }

  tryOut(generation: Generation, share: TrialShare): () => void {
    return this.router.tryOut(this.#attached(generation), share);
  }

  #attached(generation: Generation): ServedGeneration {
    const served = this.#served.get(generation);
    if (!served) throw new Error(`${generation.id} was not attached`);
    return served;
  }
}
