import { Injectable } from '@nestjs/common';
import { type Undo } from '../../common/undo-stack.js';
import { type Capability, type Generation } from '../../kernel/index.js';
import { ModuleRouter } from '../../routing/index.js';

/**
 * The module's routes, which serve as soon as they are there: it is the host that decides which requests come here, and
 * its word that a generation serves travels on another way than they do.
 */
@Injectable()
export class ChildRoutes implements Capability {
  readonly name = 'routing';

  constructor(private readonly router: ModuleRouter) {}

  attach(generation: Generation): Undo {
    const served = this.router.attach(generation);
    const stop = this.router.serve(served);
    return () => {
      stop();
      this.router.detach(served);
    };
  }
}
