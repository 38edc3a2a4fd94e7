import { Injectable } from '@nestjs/common';
import { type Undo } from '../../common/undo-stack.js';
import { type Capability, type Generation } from '../../kernel/index.js';
import { StackTraceMapper } from './stack-trace-mapper.js';

/** Knows the lines of a generation's authors. Attached first, so that whatever is taken back can still be put down to them. */
@Injectable()
export class TracesCapability implements Capability {
  readonly name = 'traces';
  readonly isolation = 'inline';

  constructor(private readonly stackTraces: StackTraceMapper) {}

  attach({ release, number }: Generation): Undo {
    const forget = this.stackTraces.register(
      { module: release.name, generation: number },
      release.bundle.map,
      release.folder,
    );
    return () => void forget();
  }
}
