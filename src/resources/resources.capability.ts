import { Injectable } from '@nestjs/common';
import { type Undo } from '../common/undo-stack.js';
import { type Capability, CODE_MARK, type CodeOrigin, type Generation } from '../kernel/index.js';
import { TrackedSurroundings } from './facades/tracked-surroundings.js';
import { LeftBehind } from './left-behind.js';
import { Ledger } from './ledger.js';
import { ProcessListeners } from './process-listeners.js';
import { UnloadedCode } from './unloaded-code.js';

/**
 * Keeps book of what a generation's code makes, and ends what it leaves. Attached before all that runs code of the
 * module, so that the module has taken back by then what it takes back itself.
 */
@Injectable()
export class ResourcesCapability implements Capability {
  readonly name = 'resources';
  readonly isolation = 'inline';

  constructor(
    private readonly listeners: ProcessListeners,
    private readonly leftBehind: LeftBehind,
    private readonly unloadedCode: UnloadedCode,
  ) {}

  attach(generation: Generation): Undo {
    const ledger = new Ledger(generation.id);
    const mark = {};
    const code = new WeakRef(mark);
    generation.provide('surroundings', new TrackedSurroundings(ledger, { [CODE_MARK]: mark }));
    const origin = { module: generation.name, generation: generation.number };
    return () => this.#takeBack(origin, ledger, code);
  }

  /** @throws AggregateError where something could not be ended; all else has been by then */
  async #takeBack(origin: CodeOrigin, ledger: Ledger, code: WeakRef<object>): Promise<void> {
    const { left, failures } = await ledger.close();
    this.leftBehind.report(origin, [...left, ...this.listeners.release(origin)]);
    this.unloadedCode.watch(origin.module, code);
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} of its resources could not be ended`);
  }
}
