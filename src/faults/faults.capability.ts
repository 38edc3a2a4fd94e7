import { Injectable } from '@nestjs/common';
import { type Undo } from '../common/undo-stack.js';
import { type Capability, type Generation } from '../kernel/index.js';
import { ProcessListeners } from './process-listeners.js';

/** Takes back what a generation has left on the process. Attached first, so that this comes last. */
@Injectable()
export class FaultsCapability implements Capability {
  readonly name = 'faults';
  readonly isolation = 'inline';

  constructor(private readonly listeners: ProcessListeners) {}

  attach({ name, number }: Generation): Undo {
    return () => this.listeners.release({ module: name, generation: number });
  }
}
